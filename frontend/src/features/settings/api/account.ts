import { useMutation } from "@tanstack/react-query";
import { z } from "zod";

import { get, http, patch, post } from "@/api/client";
import type { Schemas } from "@/api/types";
import { maybeWords, tooLong, words } from "@/lib/rules";
import { useSession, type OwnUser } from "@/lib/session";

export const profileSchema = z.object({
  first_name: words(150),
  last_name: maybeWords(150),
  bio: maybeWords(5000),
  phone_number: maybeWords(20),
  city: maybeWords(100),
});
export type Profile = z.infer<typeof profileSchema>;

const keep = (user: OwnUser) => useSession.getState().change(user);

/** Changes one's own account; what the server made of it becomes the session's user. */
export const useChangeAccount = () =>
  useMutation({
    mutationFn: (values: Schemas["PatchedOwnUserChangeRequest"] | FormData) =>
      patch<OwnUser>("/auth/user/", values),
    onSuccess: keep,
  });

export const passwordSchema = z
  .object({
    old_password: z.string().min(1, "common:form.required").max(128, tooLong(128)),
    new_password: z.string().min(8, "auth:password.short").max(128, tooLong(128)),
    new_password2: z.string(),
  })
  .refine((form) => form.new_password === form.new_password2, {
    path: ["new_password2"],
    message: "auth:password.differ",
  });
export type PasswordChange = z.infer<typeof passwordSchema>;

export const useChangePassword = () =>
  useMutation({
    mutationFn: (values: PasswordChange) => post<Record<string, string>>("/auth/password/change/", values),
  });

export const addressSchema = z.object({
  email: z
    .string()
    .trim()
    .pipe(z.email("auth:register.emailRule").max(254, tooLong(254))),
});
export type Address = z.infer<typeof addressSchema>;

export const useLogOutEverywhere = () =>
  useMutation({
    mutationFn: () => post<Schemas["Detail"]>("/auth/logout-all/"),
    onSuccess: () => useSession.getState().end(),
  });

export const useResendVerification = () =>
  useMutation({ mutationFn: (email: string) => post<Schemas["Detail"]>("/auth/email/resend/", { email }) });

/** Everything held about oneself, as a file on this device. */
export const useExport = () =>
  useMutation({
    mutationFn: async () => {
      const data = await get<unknown>("/auth/export/", { timeout: 60_000 });
      const address = URL.createObjectURL(
        new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }),
      );
      const link = document.createElement("a");
      link.href = address;
      link.download = "multitask.json";
      link.click();
      URL.revokeObjectURL(address);
    },
  });

export const useDeleteAccount = () =>
  useMutation({
    mutationFn: (password: string) => http.delete("/auth/user/", { data: { password } }),
    onSuccess: () => useSession.getState().end(),
  });
