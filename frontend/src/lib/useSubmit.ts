import { useRef } from "react";

import { ApiError } from "@/api/errors";

/**
 * The handler of a form or button that sends: one press at a time, however fast they come. The state of a request is
 * on the page only after the next paint, which is too late for a double click. What the API refuses is the caller's to
 * show, by the error of its mutation.
 */
export function useSubmit(work: () => Promise<unknown>) {
  const running = useRef(false);
  return (event?: { preventDefault: () => void }) => {
    event?.preventDefault();
    if (running.current) return;
    running.current = true;
    const end = () => {
      running.current = false;
    };
    void work().then(end, (error: unknown) => {
      end();
      if (!(error instanceof ApiError)) throw error;
    });
  };
}
