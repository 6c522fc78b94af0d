/** Every address of the application. Links are made here and nowhere else. */
const withQuery = (path: string, query?: Record<string, string | undefined>) => {
  const given = Object.entries(query ?? {}).filter((pair): pair is [string, string] => !!pair[1]);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
};

export const paths = {
  home: "/",
  login: (next?: string) => withQuery("/login", { next }),
  register: (type?: string) => withQuery("/register", { type }),
  forgotPassword: "/forgot-password",
  resetPassword: "/reset-password",
  verifyEmail: "/verify-email",
  googleReturn: "/google-return",
  onboarding: "/onboarding",
  dashboard: "/dashboard",
  tasks: (query?: Record<string, string>) => withQuery("/tasks", query),
  task: (id: number | string) => `/tasks/${id}`,
  taskNew: (listing?: "service_offer") => withQuery("/tasks/new", { listing }),
  taskEdit: (id: number | string) => `/tasks/${id}/edit`,
  taskApplications: (id: number | string) => `/tasks/${id}/applications`,
  myTasks: "/my-tasks",
  applications: "/applications",
  services: "/services",
  recommendations: "/recommendations",
  freelancers: (query?: Record<string, string>) => withQuery("/freelancers", query),
  user: (id: number | string) => `/users/${id}`,
  messages: "/messages",
  conversation: (id: number | string) => `/messages/${id}`,
  notifications: "/notifications",
  profile: "/profile",
  settings: "/settings",
  settingsNotifications: "/settings/notifications",
  settingsSecurity: "/settings/security",
  help: "/help",
} as const;

/** `next` of a login: a path of ours, or the dashboard. An address elsewhere is never followed. */
export const safeNext = (next: string | null): string =>
  next && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : paths.dashboard;
