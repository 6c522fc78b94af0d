import { get, refreshAccess } from "@/api/client";
import { toApiError } from "@/api/errors";
import { useSession, type OwnUser, type Session } from "@/lib/session";
import { stored } from "@/lib/storage";

const WAITS_MS = [500, 2000];

/** Takes up the login that the refresh cookie holds, where this browser had one. */
export async function restoreSession() {
  const { begin, end } = useSession.getState();
  if (!stored("session")) {
    end();
    return;
  }
  for (const wait of WAITS_MS) {
    if (await isRestored(begin, end)) return;
    await new Promise((done) => setTimeout(done, wait));
  }
  // A server or network in trouble says nothing about the login: this page shows itself as to a guest, and the next
  // start tries again.
  if (!(await isRestored(begin, end))) useSession.setState({ state: "guest" });
}

/** Whether it is known who this is. */
async function isRestored(begin: Session["begin"], end: Session["end"]): Promise<boolean> {
  try {
    const access = await refreshAccess();
    const user = await get<OwnUser>("/auth/user/", { headers: { Authorization: `Bearer ${access}` } });
    begin(access, user);
    return true;
  } catch (error) {
    const { status } = toApiError(error);
    if (status !== 401 && status !== 403) return false;
    end();
    return true;
  }
}
