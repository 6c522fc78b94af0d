import { useMutation } from "@tanstack/react-query";
import { z } from "zod";

import { post } from "@/api/client";
import type { Schemas } from "@/api/types";
import { tooLong } from "@/lib/rules";

export const forgotSchema = z.object({ email: z.email("auth:register.emailRule").max(254, tooLong(254)) });
export type Forgot = z.infer<typeof forgotSchema>;

export const resetSchema = z
  .object({
    new_password: z.string().min(8, "auth:password.short").max(128, tooLong(128)),
    new_password2: z.string(),
  })
  .refine((form) => form.new_password === form.new_password2, {
    path: ["new_password2"],
    message: "auth:password.differ",
  });
export type Reset = z.infer<typeof resetSchema>;

export const useForgot = () =>
  useMutation({ mutationFn: (body: Forgot) => post<Schemas["Detail"]>("/auth/password/reset/", body) });

export const useReset = (uid: string, token: string) =>
  useMutation({
    mutationFn: (body: Reset) =>
      post<Schemas["Detail"]>("/auth/password/reset/confirm/", { ...body, uid, token }),
  });
