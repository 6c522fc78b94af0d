import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { RouterProvider, type DataRouter } from "react-router";

import { makeQueryClient } from "@/lib/query";
import { useSession } from "@/lib/session";

export function App({ router }: { router: DataRouter }) {
  const [client] = useState(makeQueryClient);
  // What one person was shown is not for the next one at this browser.
  useEffect(
    () =>
      useSession.subscribe((now, before) => {
        if (before.user && now.user?.id !== before.user.id) client.clear();
      }),
    [client],
  );
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
