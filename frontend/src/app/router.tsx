import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";

import { Shell } from "@/components/layout/Shell";

import { GuestOnly, MembersOnly } from "./guards";
import { RouteError } from "./RouteError";

type Page = () => Promise<{ default: ComponentType }>;

/** A page in a chunk of its own. */
const page = (path: string, load: Page): RouteObject => ({
  path,
  lazy: async () => ({ Component: (await load()).default }),
});

export const routes: RouteObject[] = [
  {
    element: <Shell />,
    errorElement: <RouteError />,
    children: [
      {
        // An error on one page leaves the frame around it standing.
        errorElement: <RouteError />,
        children: [
          page("/", () => import("@/features/landing/routes/LandingPage")),
          page("/help", () => import("@/features/help/routes/HelpPage")),
          page("/tasks", () => import("@/features/tasks/routes/BrowsePage")),
          page("/tasks/:id", () => import("@/features/tasks/routes/TaskPage")),
          page("/freelancers", () => import("@/features/people/routes/FreelancersPage")),
          page("/users/:id", () => import("@/features/people/routes/UserPage")),
          page("/verify-email", () => import("@/features/auth/routes/VerifyEmailPage")),
          page("/google-return", () => import("@/features/auth/routes/GoogleReturnPage")),
          page("/reset-password", () => import("@/features/auth/routes/ResetPasswordPage")),
          page("/unsubscribe/:token", () => import("@/features/notifications/routes/UnsubscribePage")),
          {
            element: <GuestOnly />,
            children: [
              page("/login", () => import("@/features/auth/routes/LoginPage")),
              page("/register", () => import("@/features/auth/routes/RegisterPage")),
              page("/forgot-password", () => import("@/features/auth/routes/ForgotPasswordPage")),
            ],
          },
          {
            element: <MembersOnly />,
            children: [
              page("/onboarding", () => import("@/features/onboarding/routes/OnboardingPage")),
              page("/dashboard", () => import("@/features/dashboard/routes/DashboardPage")),
              page("/tasks/new", () => import("@/features/tasks/routes/NewTaskPage")),
              page("/tasks/:id/edit", () => import("@/features/tasks/routes/EditTaskPage")),
              page(
                "/tasks/:id/applications",
                () => import("@/features/applications/routes/TaskApplicationsPage"),
              ),
              page("/my-tasks", () => import("@/features/tasks/routes/MyTasksPage")),
              page("/services", () => import("@/features/tasks/routes/ServicesPage")),
              page("/applications", () => import("@/features/applications/routes/MyApplicationsPage")),
              page("/recommendations", () => import("@/features/recommendations/routes/RecommendationsPage")),
              page("/messages", () => import("@/features/messages/routes/MessagesPage")),
              page("/messages/:id", () => import("@/features/messages/routes/MessagesPage")),
              page("/notifications", () => import("@/features/notifications/routes/NotificationsPage")),
              page("/profile", () => import("@/features/settings/routes/ProfilePage")),
              page("/settings", () => import("@/features/settings/routes/SettingsPage")),
              page("/settings/security", () => import("@/features/settings/routes/SecurityPage")),
              page(
                "/settings/notifications",
                () => import("@/features/notifications/routes/PreferencesPage"),
              ),
            ],
          },
          page("*", () => import("@/features/landing/routes/NotFoundPage")),
        ],
      },
    ],
  },
];

export const makeRouter = () => createBrowserRouter(routes);
