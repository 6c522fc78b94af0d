import axios, { type AxiosRequestConfig, type InternalAxiosRequestConfig } from "axios";
import i18n from "i18next";

import { useSession } from "@/lib/session";

import { toApiError } from "./errors";

/** The API. Every failure is thrown as an `ApiError`. */
export const http = axios.create({
  baseURL: "/api",
  timeout: 20_000,
  withCredentials: true,
  // Half a character is none in an address: encoding it would throw.
  paramsSerializer: {
    indexes: null,
    encode: (value: unknown, plain: (text: string) => string) =>
      plain(String(value).replace(/\p{Surrogate}/gu, "\uFFFD")),
  },
});

type Retried = InternalAxiosRequestConfig & { retried?: boolean };

http.interceptors.request.use((config) => {
  const { access } = useSession.getState();
  if (access && !config.headers.has("Authorization")) config.headers.set("Authorization", `Bearer ${access}`);
  config.headers.set("Accept-Language", i18n.language || "ar");
  return config;
});

let refreshing: Promise<string> | null = null;

/** A new access token for the cookie's refresh token; requests that need one at the same time share the call. */
export function refreshAccess(): Promise<string> {
  refreshing ??= axios
    .post<{ access: string }>("/api/auth/token/refresh/", {}, { withCredentials: true, timeout: 20_000 })
    .then(({ data }) => {
      useSession.getState().renew(data.access);
      return data.access;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

/** What pages send by themselves: nobody who has put the login off is asked for it again because of that. */
const BY_ITSELF = /suggestions|ws-ticket|feedback/;

http.interceptors.response.use(undefined, async (error: unknown) => {
  const config = axios.isAxiosError(error) ? (error.config as Retried | undefined) : undefined;
  const status = axios.isAxiosError(error) ? error.response?.status : undefined;
  const isLogin = config?.url?.startsWith("/auth/login") || config?.url?.startsWith("/auth/register");
  if (status === 401 && config && !config.retried && !isLogin && useSession.getState().state === "user") {
    if (useSession.getState().expired !== "no") {
      if (config.method !== "get" && !BY_ITSELF.test(config.url ?? "")) useSession.getState().expire();
      throw toApiError(error);
    }
    config.retried = true;
    try {
      const access = await refreshAccess();
      config.headers.set("Authorization", `Bearer ${access}`);
    } catch (failed) {
      const found = toApiError(failed);
      if (found.status === 401 || found.status === 403) useSession.getState().expire();
      throw found.isOffline ? found : toApiError(error);
    }
    return http.request(config);
  }
  throw toApiError(error);
});

/** A key for a POST that creates: sent again with the same key, it creates once. */
export const idempotencyKey = () => crypto.randomUUID();

export const get = async <T>(url: string, config?: AxiosRequestConfig) =>
  (await http.get<T>(url, config)).data;
export const post = async <T>(url: string, body?: unknown, config?: AxiosRequestConfig) =>
  (await http.post<T>(url, body, config)).data;
export const patch = async <T>(url: string, body?: unknown, config?: AxiosRequestConfig) =>
  (await http.patch<T>(url, body, config)).data;
export const remove = async <T = void>(url: string, config?: AxiosRequestConfig) =>
  (await http.delete<T>(url, config)).data;
