import { useMutation, useQuery, useQueryClient, keepPreviousData } from "@tanstack/react-query";
import { z } from "zod";

import { patch, post, remove } from "@/api/client";
import { taskQuery, type Task } from "@/api/tasks";
import type { Schemas } from "@/api/types";
import { amount, maybeWords, words } from "@/lib/rules";

export const taskSchema = z.object({
  listing_type: z.enum(["task_request", "service_offer"]),
  category: z.string().min(1, "tasks:form.chooseCategory"),
  title: words(200),
  description: words(10_000),
  budget: amount("tasks:form.budgetRule").refine(
    (value) => Number(value) >= 10 && Number(value) <= 10_000_000,
    "tasks:form.budgetRange",
  ),
  is_negotiable: z.boolean(),
  task_type: z.enum(["PHYSICAL", "DIGITAL", "BOTH", "ONE_TIME", "RECURRING"]),
  is_remote: z.boolean(),
  city: maybeWords(100),
  location: maybeWords(200),
  deadline: z.string().refine((value) => !value || new Date(value) > new Date(), "tasks:form.deadlineRule"),
  estimated_duration: maybeWords(100),
  required_skills: z.array(z.number()),
});
export type TaskForm = z.infer<typeof taskSchema>;
export const FIELDS = Object.keys(taskSchema.shape) as (keyof TaskForm)[];

/** The fields that say what is wrong with them: those of a place are away while it is remote. */
export const shownOf = (form: TaskForm | undefined): readonly string[] => [
  ...["title", "description", "category", "required_skills", "budget", "deadline", "estimated_duration"],
  ...(form?.is_remote ? [] : ["city", "location"]),
];

export const emptyTask = (listing: TaskForm["listing_type"]): TaskForm => ({
  listing_type: listing,
  category: "",
  title: "",
  description: "",
  budget: "",
  is_negotiable: false,
  task_type: "DIGITAL",
  is_remote: true,
  city: "",
  location: "",
  deadline: "",
  estimated_duration: "",
  required_skills: [],
});

const body = (form: TaskForm) => ({
  ...form,
  deadline: form.deadline ? new Date(form.deadline).toISOString() : null,
});

export const useCreateTask = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ form, key, twice }: { form: TaskForm; key: string; twice: boolean }) =>
      post<Schemas["CreatedTask"]>(
        "/tasks/",
        { ...body(form), allow_duplicate: twice },
        { headers: { "Idempotency-Key": key } },
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tasks"] }),
  });
};

export const useChangeTask = (id: number) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: TaskForm) => {
      const { listing_type: _fixed, ...values } = body(form);
      return patch<Task>(`/tasks/${id}/`, values);
    },
    onSuccess: (task) => {
      client.setQueryData(taskQuery(id).queryKey, task);
      void client.invalidateQueries({ queryKey: ["tasks"] });
    },
  });
};

/** Skills, a category, a price and duplicates for what is being written. */
export const useSuggestions = (draft: {
  title: string;
  description: string;
  listing_type: string;
  city: string;
  task?: number;
}) =>
  useQuery({
    queryKey: ["draft", draft],
    queryFn: () => post<Schemas["DraftSuggestions"]>("/tasks/suggestions/", draft),
    enabled: draft.title.trim().length > 4,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const addPicture = (id: number, file: File) => {
  const form = new FormData();
  form.append("image", file);
  return post<Schemas["TaskImage"]>(`/tasks/${id}/images/`, form, { timeout: 120_000 });
};
export const dropPicture = (id: number, picture: number) => remove(`/tasks/${id}/images/${picture}/`);
