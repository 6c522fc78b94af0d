import { clsx, type ClassValue } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names, the later ones winning over those they contradict. */
export const cn = (...values: ClassValue[]) => twMerge(clsx(values));
