import { QueryCache, QueryClient } from "@tanstack/react-query";

import { toApiError } from "@/api/errors";

/** What went wrong for the caller is not tried again; a server or network in trouble is, twice. */
const again = (failures: number, error: unknown) => {
  const { status } = toApiError(error);
  return failures < 2 && (status === 0 || status >= 500);
};

export const makeQueryClient = () =>
  new QueryClient({
    queryCache: new QueryCache(),
    defaultOptions: {
      queries: { retry: again, staleTime: 30_000, gcTime: 5 * 60_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
