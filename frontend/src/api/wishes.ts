import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { get, patch } from "./client";
import type { Schemas } from "./types";

export type Wishes = Schemas["Preferences"];

/** What a freelancer said they look for. */
export const wishesQuery = queryOptions({
  queryKey: ["wishes"],
  queryFn: () => get<Wishes>("/recommendations/preferences/"),
});

export function useChangeWishes() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (values: Schemas["PatchedWishesRequest"]) =>
      patch<Wishes>("/recommendations/preferences/", values),
    onSuccess: (wishes) => {
      client.setQueryData(wishesQuery.queryKey, wishes);
      void client.invalidateQueries({ queryKey: ["recommendations"] });
    },
  });
}
