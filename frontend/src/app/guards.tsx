import { Navigate, Outlet, useLocation, useSearchParams } from "react-router";

import { SkeletonList } from "@/components/ui";
import { paths, safeNext } from "@/config/paths";
import { useSession } from "@/lib/session";

/** Pages of who is logged in; everybody else logs in first and comes back. */
export function MembersOnly() {
  const state = useSession((session) => session.state);
  const { pathname, search } = useLocation();
  if (state === "unknown") return <SkeletonList className="mx-auto w-full max-w-6xl p-4" />;
  if (state === "guest") return <Navigate to={paths.login(pathname + search)} replace />;
  return <Outlet />;
}

/** Pages that make no sense with a login. */
export function GuestOnly() {
  const state = useSession((session) => session.state);
  const [params] = useSearchParams();
  if (state === "user") return <Navigate to={safeNext(params.get("next"))} replace />;
  return <Outlet />;
}
