import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { get, patch, post, remove } from "@/api/client";
import type { Page, Schemas } from "@/api/types";
import { amount, words } from "@/lib/rules";

export type Application = Schemas["Application"];

export const useMyApplications = (params: Record<string, string | undefined>) =>
  useQuery({
    queryKey: ["applications", "mine", params],
    queryFn: () => get<Page<Application>>("/tasks/applications/", { params }),
  });

export const useTaskApplications = (task: string) =>
  useQuery({
    queryKey: ["applications", "task", Number(task)],
    queryFn: () => get<Page<Application>>(`/tasks/${task}/applications/`, { params: { page_size: 100 } }),
  });

function useRefresh() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["applications"] });
    void client.invalidateQueries({ queryKey: ["tasks"] });
    void client.invalidateQueries({ queryKey: ["dashboard"] });
  };
}

export const useDecide = () =>
  useMutation({
    mutationFn: ({ id, ...body }: { id: number; status: "ACCEPTED" | "REJECTED"; reason?: string }) =>
      patch<Application>(`/tasks/applications/${id}/`, body),
    // A refusal may mean that somebody was faster: what is shown has to be true either way.
    onSettled: useRefresh(),
  });

export const changeSchema = z.object({
  proposal: words(5000),
  offered_price: amount("tasks:apply.priceRule"),
  estimated_time: words(100),
});
export type Change = z.infer<typeof changeSchema>;

export const useChangeApplication = () =>
  useMutation({
    mutationFn: ({ id, ...body }: { id: number } & Change) =>
      patch<Application>(`/tasks/applications/${id}/`, body),
    onSuccess: useRefresh(),
  });

export const useWithdraw = () =>
  useMutation({ mutationFn: (id: number) => remove(`/tasks/applications/${id}/`), onSettled: useRefresh() });

export const openConversation = (participant: number, task: number) =>
  post<{ id: number }>("/messages/conversations/", { participant, task });
