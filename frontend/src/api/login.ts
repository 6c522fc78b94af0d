import { useMutation } from "@tanstack/react-query";
import { z } from "zod";

import { tooLong, words } from "@/lib/rules";
import { useSession } from "@/lib/session";

import { post } from "./client";
import type { Schemas } from "./types";

export const loginSchema = z.object({
  username: words(254),
  password: z.string().min(1, "common:form.required").max(128, tooLong(128)),
});
export type Login = z.infer<typeof loginSchema>;

export const login = (body: Login) => post<Schemas["Session"]>("/auth/login/", body);

/** Logs in; the session begins with it. */
export const useLogin = () =>
  useMutation({
    mutationFn: login,
    onSuccess: ({ access_token, user }) => useSession.getState().begin(access_token, user),
  });
