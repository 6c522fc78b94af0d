import { useMutation } from "@tanstack/react-query";
import i18n from "i18next";
import { z } from "zod";

import { post } from "@/api/client";
import type { Schemas } from "@/api/types";
import { tooLong, words } from "@/lib/rules";
import { useSession } from "@/lib/session";

export const registerSchema = z
  .object({
    user_type: z.enum(["client", "freelancer", "both"]),
    first_name: words(150),
    last_name: words(150),
    username: words(150).regex(/^[\p{L}\p{N}@.+_-]+$/u, "auth:register.usernameRule"),
    email: z.email("auth:register.emailRule").max(254, tooLong(254)),
    password: z.string().min(8, "auth:password.short").max(128, tooLong(128)),
    password2: z.string(),
  })
  .refine((form) => form.password === form.password2, {
    path: ["password2"],
    message: "auth:password.differ",
  });
export type Register = z.infer<typeof registerSchema>;

export const register = (body: Register) =>
  post<Schemas["Session"]>("/auth/register/", { ...body, language: i18n.language === "en" ? "en" : "ar" });

/** Makes an account; the session begins with it. */
export const useRegister = () =>
  useMutation({
    mutationFn: register,
    onSuccess: ({ access_token, user }) => useSession.getState().begin(access_token, user),
  });
