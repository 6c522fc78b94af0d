import { get, post } from "@/api/client";
import type { Schemas } from "@/api/types";
import { useSession, type OwnUser } from "@/lib/session";

/** Proves the address that the mail with this key went to. */
export async function verifyEmail(key: string) {
  const told = await post<Schemas["Detail"]>("/auth/email/verify/", { key });
  if (useSession.getState().state === "user") useSession.getState().change(await get<OwnUser>("/auth/user/"));
  return told;
}
