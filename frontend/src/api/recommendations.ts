import { queryOptions } from "@tanstack/react-query";

import { get } from "./client";
import type { Schemas } from "./types";

export type Recommended = Schemas["Recommended"];

export const forYouQuery = (limit: number) =>
  queryOptions({
    queryKey: ["recommendations", "for-you", limit],
    queryFn: () => get<Schemas["Recommendations"]>("/recommendations/for-you/", { params: { limit } }),
  });
