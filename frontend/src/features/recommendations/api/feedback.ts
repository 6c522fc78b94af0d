import { useMutation, useQueryClient } from "@tanstack/react-query";

import { post, remove } from "@/api/client";
import type { Schemas } from "@/api/types";

type List = Schemas["Recommendations"];
const KEY = ["recommendations", "for-you"];

export const REASONS = [
  "not_my_skills",
  "not_interested",
  "budget_low",
  "too_far",
  "client",
  "other",
] as const;

/** Dismissing takes the task off every list at once, and puts it back where the server refuses. */
export function useDismiss() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ task, reason }: { task: number; reason: string }) =>
      post("/recommendations/feedback/", { task, action: "dismissed", reason }),
    onMutate: async ({ task }) => {
      await client.cancelQueries({ queryKey: KEY });
      const before = client.getQueriesData<List>({ queryKey: KEY });
      client.setQueriesData<List>(
        { queryKey: KEY },
        (list) =>
          list && { ...list, recommendations: list.recommendations.filter((one) => one.task.id !== task) },
      );
      return before;
    },
    onError: (_error, _values, before) => before?.forEach(([key, list]) => client.setQueryData(key, list)),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useUndoDismiss() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (task: number) => remove(`/recommendations/feedback/${task}/`),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Noted for the lists to learn from; nobody waits for it. */
export const noteFeedback = (task: number, action: "clicked" | "saved") =>
  post("/recommendations/feedback/", { task, action, reason: "" });
