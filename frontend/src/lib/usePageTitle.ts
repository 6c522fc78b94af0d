import { useEffect } from "react";

/** Names the page in the browser's tab, and so to a screen reader. */
export function usePageTitle(title: string | undefined) {
  useEffect(() => {
    if (title) document.title = `${title} · Multitask`;
  }, [title]);
}
