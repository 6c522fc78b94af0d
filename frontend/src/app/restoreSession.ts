import { get, refreshAccess } from "@/api/client";
import { toApiError } from "@/api/errors";
import { useSession, type OwnUser } from "@/lib/session";
import { stored } from "@/lib/storage";

/** Takes up the login that the refresh cookie holds, where this browser had one. */
export async function restoreSession() {
  const { begin, end } = useSession.getState();
  if (!stored("session")) {
    end();
    return;
  }
  try {
    const access = await refreshAccess();
    const user = await get<OwnUser>("/auth/user/", { headers: { Authorization: `Bearer ${access}` } });
    begin(access, user);
  } catch (error) {
    const { status } = toApiError(error);
    if (status === 401 || status === 403) end();
    // A server or network in trouble says nothing about the login: this page shows itself as to a guest, and the next
    // start tries again.
    else useSession.setState({ state: "guest" });
  }
}
