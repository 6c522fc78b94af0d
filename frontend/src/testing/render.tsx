import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { Suspense, type ReactNode } from "react";
import { createMemoryRouter, RouterProvider, type RouteObject } from "react-router";

import { useSession, type OwnUser } from "@/lib/session";

export const someone = (changes: Partial<OwnUser> = {}): OwnUser => ({
  id: 1,
  username: "mona",
  first_name: "منى",
  last_name: "Said",
  bio: "",
  city: "Cairo",
  country: "Egypt",
  user_type: "both",
  profile_picture: null,
  average_rating: "0.00",
  total_reviews: 0,
  is_verified: true,
  created_at: "2026-01-01T00:00:00Z",
  email: "mona@example.org",
  phone_number: "",
  language: "ar",
  updated_at: "2026-01-01T00:00:00Z",
  ...changes,
});

export const signIn = (changes: Partial<OwnUser> = {}) =>
  useSession.setState({ state: "user", user: someone(changes), access: "access-token" });

/** Renders a page at an address, with other addresses shown as their path. */
export function renderAt(
  element: ReactNode,
  { path = "/", at = path, routes = [] }: { path?: string; at?: string; routes?: RouteObject[] } = {},
) {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false }, mutations: { retry: false } },
  });
  const router = createMemoryRouter(
    [{ path, element }, ...routes, { path: "*", element: <p data-testid="elsewhere">elsewhere</p> }],
    { initialEntries: [at] },
  );
  const shown = render(
    <QueryClientProvider client={client}>
      <Suspense fallback="loading">
        <RouterProvider router={router} />
      </Suspense>
    </QueryClientProvider>,
  );
  return { ...shown, router, client };
}
