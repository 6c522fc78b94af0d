import { isAxiosError, type AxiosError } from "axios";

/** What went wrong, as the user can be told it. `detail` is in the user's language where the server spoke. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fields: Record<string, string[]>;
  readonly retryAfter: number | null;
  readonly requestId: string | null;

  constructor(given: {
    status: number;
    code: string;
    detail: string;
    fields?: Record<string, string[]>;
    retryAfter?: number | null;
    requestId?: string | null;
  }) {
    super(given.detail);
    this.name = "ApiError";
    this.status = given.status;
    this.code = given.code;
    this.detail = given.detail;
    this.fields = given.fields ?? {};
    this.retryAfter = given.retryAfter ?? null;
    this.requestId = given.requestId ?? null;
  }

  /** Nothing came back: no network, a server that is down, or a time-out. */
  get isOffline() {
    return this.status === 0;
  }
}

/** The errors of fields in the one shape that pages know, whatever answered. */
const fieldsOf = (given: unknown): Record<string, string[]> =>
  given && typeof given === "object" && !Array.isArray(given)
    ? Object.fromEntries(
        Object.entries(given).map(([name, said]) => [
          name,
          (Array.isArray(said) ? said : [said]).map(String),
        ]),
      )
    : {};

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!isAxiosError(error)) return new ApiError({ status: -1, code: "unexpected", detail: "" });
  const { response } = error as AxiosError<Record<string, unknown>>;
  if (!response)
    return new ApiError({
      status: 0,
      code: error.code === "ECONNABORTED" || error.code === "ETIMEDOUT" ? "timeout" : "offline",
      detail: "",
    });
  const body = response.data && typeof response.data === "object" ? response.data : {};
  const wait = Number(response.headers["retry-after"]);
  return new ApiError({
    status: response.status,
    code: typeof body.code === "string" ? body.code : `http_${response.status}`,
    detail: typeof body.detail === "string" ? body.detail : "",
    fields: fieldsOf(body.errors),
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : null,
    requestId: (response.headers["x-request-id"] as string | undefined) ?? null,
  });
}
