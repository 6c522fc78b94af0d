import type { components } from "./schema";

/** The schemas of the OpenAPI document by name. */
export type Schemas = components["schemas"];

export type Page<T> = { count: number; next: string | null; previous: string | null; results: T[] };
export type CursorPage<T> = { next: string | null; previous: string | null; results: T[] };
