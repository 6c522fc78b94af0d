import { useMutation } from "@tanstack/react-query";
import { z } from "zod";

import { post } from "@/api/client";
import type { Schemas } from "@/api/types";
import { useSession } from "@/lib/session";

export const loginSchema = z.object({
  username: z.string().trim().min(1, "common:form.required"),
  password: z.string().min(1, "common:form.required"),
});
export type Login = z.infer<typeof loginSchema>;

export const login = (body: Login) => post<Schemas["Session"]>("/auth/login/", body);

/** Logs in; the session begins with it. */
export const useLogin = () =>
  useMutation({
    mutationFn: login,
    onSuccess: ({ access_token, user }) => useSession.getState().begin(access_token, user),
  });
