import { useMutation } from "@tanstack/react-query";
import { z } from "zod";

import { post } from "@/api/client";
import type { Schemas } from "@/api/types";

export const forgotSchema = z.object({ email: z.email("register.emailRule") });
export type Forgot = z.infer<typeof forgotSchema>;

export const resetSchema = z
  .object({ new_password: z.string().min(8, "password.short"), new_password2: z.string() })
  .refine((form) => form.new_password === form.new_password2, {
    path: ["new_password2"],
    message: "password.differ",
  });
export type Reset = z.infer<typeof resetSchema>;

export const useForgot = () =>
  useMutation({ mutationFn: (body: Forgot) => post<Schemas["Detail"]>("/auth/password/reset/", body) });

export const useReset = (uid: string, token: string) =>
  useMutation({
    mutationFn: (body: Reset) =>
      post<Schemas["Detail"]>("/auth/password/reset/confirm/", { ...body, uid, token }),
  });
