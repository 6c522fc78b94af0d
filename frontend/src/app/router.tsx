import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";

import { Shell } from "@/components/layout/Shell";
import { fetchTexts } from "@/i18n";

import { GuestOnly, MembersOnly } from "./guards";
import { RouteError } from "./RouteError";

type Page = () => Promise<{ default: ComponentType }>;

/** A page in a chunk of its own, its texts fetched beside it: it shows when both are there. */
const page = (path: string, load: Page, ...texts: string[]): RouteObject => ({
  path,
  lazy: async () => {
    const [found] = await Promise.all([load(), fetchTexts(texts)]);
    return { Component: found.default };
  },
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
          page("/", () => import("@/features/landing/routes/LandingPage"), "landing", "cards"),
          page("/help", () => import("@/features/help/routes/HelpPage"), "help"),
          page("/tasks", () => import("@/features/tasks/routes/BrowsePage"), "tasks", "cards"),
          page("/tasks/:id", () => import("@/features/tasks/routes/TaskPage"), "tasks", "cards"),
          page("/freelancers", () => import("@/features/people/routes/FreelancersPage"), "people"),
          page("/users/:id", () => import("@/features/people/routes/UserPage"), "people", "skills", "cards"),
          page("/verify-email", () => import("@/features/auth/routes/VerifyEmailPage"), "auth"),
          page("/google-return", () => import("@/features/auth/routes/GoogleReturnPage"), "auth"),
          page("/reset-password", () => import("@/features/auth/routes/ResetPasswordPage"), "auth"),
          page(
            "/unsubscribe/:token",
            () => import("@/features/notifications/routes/UnsubscribePage"),
            "notifications",
          ),
          {
            element: <GuestOnly />,
            children: [
              page("/login", () => import("@/features/auth/routes/LoginPage"), "auth"),
              page("/register", () => import("@/features/auth/routes/RegisterPage"), "auth"),
              page("/forgot-password", () => import("@/features/auth/routes/ForgotPasswordPage"), "auth"),
            ],
          },
          {
            element: <MembersOnly />,
            children: [
              page(
                "/onboarding",
                () => import("@/features/onboarding/routes/OnboardingPage"),
                "onboarding",
                "auth",
                "skills",
              ),
              page(
                "/dashboard",
                () => import("@/features/dashboard/routes/DashboardPage"),
                "dashboard",
                "cards",
              ),
              page("/tasks/new", () => import("@/features/tasks/routes/NewTaskPage"), "tasks"),
              page("/tasks/:id/edit", () => import("@/features/tasks/routes/EditTaskPage"), "tasks"),
              page(
                "/tasks/:id/applications",
                () => import("@/features/applications/routes/TaskApplicationsPage"),
                "applications",
              ),
              page("/my-tasks", () => import("@/features/tasks/routes/MyTasksPage"), "tasks", "cards"),
              page("/services", () => import("@/features/tasks/routes/ServicesPage"), "tasks", "cards"),
              page(
                "/applications",
                () => import("@/features/applications/routes/MyApplicationsPage"),
                "applications",
                "cards",
              ),
              page(
                "/recommendations",
                () => import("@/features/recommendations/routes/RecommendationsPage"),
                "recommendations",
                "cards",
              ),
              page("/messages", () => import("@/features/messages/routes/MessagesPage"), "messages"),
              page("/messages/:id", () => import("@/features/messages/routes/MessagesPage"), "messages"),
              page(
                "/notifications",
                () => import("@/features/notifications/routes/NotificationsPage"),
                "notifications",
              ),
              page(
                "/profile",
                () => import("@/features/settings/routes/ProfilePage"),
                "settings",
                "skills",
                "auth",
              ),
              page("/settings", () => import("@/features/settings/routes/SettingsPage"), "settings", "auth"),
              page(
                "/settings/security",
                () => import("@/features/settings/routes/SecurityPage"),
                "settings",
                "auth",
              ),
              page(
                "/settings/notifications",
                () => import("@/features/notifications/routes/PreferencesPage"),
                "notifications",
                "settings",
              ),
            ],
          },
          page("*", () => import("@/features/landing/routes/NotFoundPage")),
        ],
      },
    ],
  },
];

/** Begins to fetch the first page's code at once. */
export const makeRouter = () => createBrowserRouter(routes);
