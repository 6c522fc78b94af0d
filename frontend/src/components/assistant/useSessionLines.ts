import { useCallback, useEffect, useState } from "react";

import type { LiveFrame } from "@/api/live";
import { chatSocket } from "@/api/sockets";

import { fetchLine, fetchLines, pageBefore, type ChatLine } from "./api";
import { joined, withToken, type Streams, type Token } from "./lines";

const POLL_MS = 4_000;

/**
 * Lines of the session, the newest first to be fetched and earlier ones as they are asked for, with the words of an
 * answer as they come, and its end from wherever it comes first.
 */
export function useSessionLines(session: number | null, open: boolean) {
  const [lines, setLines] = useState<ChatLine[]>([]);
  const [streams, setStreams] = useState<Streams>({});
  const [before, setBefore] = useState<number | null>(null);
  const [fetching, setFetching] = useState(false);
  const add = useCallback((more: readonly ChatLine[]) => setLines((now) => joined(now, more)), []);

  useEffect(() => {
    if (!open || session === null) return;
    let left = false;
    fetchLines(session, "last").then(
      (page) => {
        if (left) return;
        add(page.results);
        setBefore(pageBefore(page));
      },
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [open, session, add]);

  const fetchEarlier = () => {
    if (session === null || before === null || fetching) return;
    setFetching(true);
    fetchLines(session, before)
      .then(
        (page) => {
          add(page.results);
          setBefore(pageBefore(page));
        },
        () => undefined,
      )
      .finally(() => setFetching(false));
  };

  useEffect(
    () =>
      chatSocket.listen((frame: LiveFrame) => {
        if (frame.type === "chatbot.token") setStreams((now) => withToken(now, frame as unknown as Token));
        if (frame.type === "chatbot.message") {
          const line = frame.message as ChatLine & { session?: number };
          if (line.session === undefined || line.session === session) add([line]);
        }
      }),
    [session, add],
  );

  // An end that no socket brought is asked for.
  const pending = lines.find((line) => line.state === "pending")?.id;
  useEffect(() => {
    if (pending === undefined) return;
    const timer = setInterval(
      () =>
        void fetchLine(pending).then(
          (line) => add([line]),
          () => undefined,
        ),
      POLL_MS,
    );
    return () => clearInterval(timer);
  }, [pending, add]);

  const clear = () => {
    setLines([]);
    setBefore(null);
  };
  return { lines, streams, add, clear, fetching, fetchEarlier: before === null ? null : fetchEarlier };
}
