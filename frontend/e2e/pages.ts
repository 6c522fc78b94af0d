import type { APIRequestContext } from "@playwright/test";

/** Every page: its name, its address and who looks at it (null: nobody logged in). */
export type Shown = { name: string; path: string; as: "client" | "freelancer" | null };

/** Addresses that stand for themselves, and those of something that is really there. */
export async function everyPage(request: APIRequestContext): Promise<Shown[]> {
  const first = async (path: string, headers = {}) =>
    ((await (await request.get(path, { headers })).json()) as { results: { id: number }[] }).results[0]?.id;
  const login = async (username: string) => {
    const answer = await request.post("/api/auth/login/", { data: { username, password: "multitask-demo" } });
    return { Authorization: `Bearer ${((await answer.json()) as { access_token: string }).access_token}` };
  };
  const client = await login("client");
  const freelancer = await login("freelancer");
  const open = await first("/api/tasks/?page_size=1");
  const own = await first("/api/tasks/mine/?page_size=1", client);
  const person = await first("/api/users/?page_size=1").catch(() => 2);
  const talk = await first("/api/messages/conversations/?page_size=1", freelancer);
  const guest = (name: string, path: string): Shown => ({ name, path, as: null });
  const by = (as: "client" | "freelancer", name: string, path: string): Shown => ({ name, path, as });
  return [
    guest("landing", "/"),
    guest("help", "/help"),
    guest("browse", "/tasks"),
    guest("search", "/tasks?search=logo&min_budget=100"),
    guest("task", `/tasks/${open}`),
    guest("freelancers", "/freelancers"),
    guest("person", `/users/${person ?? 2}`),
    guest("login", "/login"),
    guest("register", "/register"),
    guest("forgot", "/forgot-password"),
    guest("reset", "/reset-password?uid=x&token=y"),
    guest("verify", "/verify-email?key=x"),
    guest("unsubscribe", "/unsubscribe/none"),
    guest("missing", "/nothing/here"),
    by("freelancer", "dashboard-freelancer", "/dashboard"),
    by("client", "dashboard-client", "/dashboard"),
    by("client", "new-task", "/tasks/new"),
    by("client", "edit-task", `/tasks/${own}/edit`),
    by("client", "own-task", `/tasks/${own}`),
    by("client", "task-applications", `/tasks/${own}/applications`),
    by("client", "my-tasks", "/my-tasks"),
    by("freelancer", "services", "/services"),
    by("freelancer", "applications", "/applications"),
    by("freelancer", "recommendations", "/recommendations"),
    by("freelancer", "apply", `/tasks/${open}`),
    by("freelancer", "messages", "/messages"),
    by("freelancer", "conversation", `/messages/${talk}`),
    by("freelancer", "notifications", "/notifications"),
    by("freelancer", "onboarding", "/onboarding"),
    by("freelancer", "profile", "/profile"),
    by("freelancer", "settings", "/settings"),
    by("freelancer", "security", "/settings/security"),
    by("freelancer", "preferences", "/settings/notifications"),
  ];
}
