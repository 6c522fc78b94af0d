import { useMutation, useQueryClient } from "@tanstack/react-query";

import { idempotencyKey, post, remove } from "@/api/client";
import { taskQuery, type Task } from "@/api/tasks";
import type { Schemas } from "@/api/types";

/** Whatever is done to a task: its page shows the new state at once, and every list that holds it is fetched again. */
function useTaskMutation<V>(id: number, act: (values: V) => Promise<Task | undefined>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (task) => {
      if (task) client.setQueryData(taskQuery(id).queryKey, task);
      void client.invalidateQueries({ queryKey: ["tasks"] });
      void client.invalidateQueries({ queryKey: ["applications"] });
    },
  });
}

export const useComplete = (id: number) => useTaskMutation(id, () => post<Task>(`/tasks/${id}/complete/`));
export const useDeliver = (id: number) => useTaskMutation(id, () => post<Task>(`/tasks/${id}/deliver/`));
export const useCancel = (id: number) =>
  useTaskMutation(id, (reason: string) => post<Task>(`/tasks/${id}/cancel/`, { reason }));
export const useAskChanges = (id: number) =>
  useTaskMutation(id, (reason: string) => post<Task>(`/tasks/${id}/request-changes/`, { reason }));
export const useDelete = (id: number) =>
  useTaskMutation(id, async () => {
    await remove(`/tasks/${id}/`);
    return undefined;
  });

export const useApply = (id: number) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, ...body }: Schemas["ApplicationCreateRequest"] & { key: string }) =>
      post<Schemas["Application"]>(`/tasks/${id}/applications/`, body, {
        headers: { "Idempotency-Key": key },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["applications"] });
      void client.invalidateQueries({ queryKey: ["tasks"] });
      void client.invalidateQueries({ queryKey: ["recommendations"] });
    },
  });
};

export const useReview = (id: number) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ReviewCreateRequest"]) =>
      post<Schemas["Review"]>(`/tasks/${id}/reviews/`, body, {
        headers: { "Idempotency-Key": idempotencyKey() },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["reviews"] }),
  });
};

export const useConversation = () =>
  useMutation({
    mutationFn: (body: { participant: number; task?: number }) =>
      post<{ id: number }>("/messages/conversations/", body, {
        headers: { "Idempotency-Key": idempotencyKey() },
      }),
  });
