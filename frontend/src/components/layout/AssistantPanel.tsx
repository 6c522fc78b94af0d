import { Bot, RotateCcw, Send, Star } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";

import { ask, fetchLine, fetchLines, rate, type ChatLine } from "@/components/assistant/api";
import { joined, textOf, withToken, type Streams, type Token } from "@/components/assistant/lines";
import type { LiveFrame } from "@/api/live";
import { chatSocket } from "@/api/sockets";
import { Button, controlClass, Dialog, Notice } from "@/components/ui";
import { cn } from "@/lib/cn";
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";

const Markdown = lazy(() => import("@/components/ui/Markdown"));
const LIMIT = 2000;
const POLL_MS = 4_000;

const keptSession = () => Number(stored("assistant")) || null;

/** Lines of the session, with the words of an answer as they come, and its end from wherever it comes first. */
function useSessionLines(session: number | null, open: boolean) {
  const [lines, setLines] = useState<ChatLine[]>([]);
  const [streams, setStreams] = useState<Streams>({});
  const add = useCallback((more: readonly ChatLine[]) => setLines((now) => joined(now, more)), []);

  useEffect(() => {
    if (!open || session === null) return;
    let left = false;
    fetchLines(session).then(
      (page) => !left && add(page.results),
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [open, session, add]);

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

  return { lines, streams, add, clear: () => setLines([]) };
}

export default function AssistantPanel({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { t } = useTranslation(["assistant", "common"]);
  const { pathname } = useLocation();
  const say = useErrorText();
  const [session, setSession] = useState(keptSession);
  const { lines, streams, add, clear } = useSessionLines(session, open);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const end = useRef<HTMLDivElement>(null);
  const waiting = busy || lines.some((line) => line.state === "pending");
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [lines, streams, open]);

  const send = async (message: string) => {
    const words = message.trim();
    if (!words || busy) return;
    setBusy(true);
    setFailed(null);
    try {
      const answer = await ask({
        message: words,
        session_id: session,
        client_id: crypto.randomUUID(),
        context: { current_page: pathname },
      });
      setSession(answer.session_id);
      store("assistant", String(answer.session_id));
      add(answer.messages);
      setText((now) => (now.trim() === words ? "" : now));
    } catch (error) {
      setFailed(error);
    } finally {
      setBusy(false);
    }
  };
  const startOver = () => {
    setSession(null);
    store("assistant", null);
    clear();
  };
  const last = lines.at(-1);
  return (
    <Dialog
      as="sheet"
      open={open}
      onOpenChange={onOpenChange}
      title={
        <span className="flex items-center gap-2">
          <Bot aria-hidden className="size-6 text-brand" />
          {t("title")}
        </span>
      }
      footer={
        <form
          className="flex w-full items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void send(text);
          }}
        >
          <textarea
            dir="auto"
            rows={1}
            maxLength={LIMIT}
            value={text}
            aria-label={t("write")}
            placeholder={t("write")}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
                event.preventDefault();
                void send(text);
              }
            }}
            className={cn(controlClass, "field-sizing-content max-h-32 resize-none")}
          />
          <Button
            type="submit"
            size="icon"
            busy={busy}
            aria-label={t("common:action.send")}
            title={t("common:action.send")}
          >
            {!busy && <Send aria-hidden className="turn size-5" />}
          </Button>
        </form>
      }
    >
      <div className="flex flex-col gap-3">
        {lines.length === 0 && (
          <>
            <p className="text-ink-soft">{t("hello")}</p>
            <ul className="flex flex-wrap gap-2">
              {(["find", "create", "messages", "help"] as const).map((name) => (
                <li key={name}>
                  <Button look="secondary" size="sm" onClick={() => void send(t(`try.${name}`))}>
                    {t(`try.${name}`)}
                  </Button>
                </li>
              ))}
            </ul>
          </>
        )}
        <ol className="flex flex-col gap-3" aria-live="polite" aria-relevant="additions text">
          {lines.map((line) => (
            <Line
              key={line.id}
              line={line}
              streamed={textOf(streams, line.id)}
              onRated={(rated) => add([rated])}
              onLeave={() => onOpenChange(false)}
            />
          ))}
        </ol>
        {last?.sender === "BOT" && !!last.buttons?.length && !waiting && (
          <ul className="flex flex-wrap gap-2">
            {last.buttons.map((button) => (
              <li key={button.value}>
                <Button look="secondary" size="sm" onClick={() => void send(button.value)}>
                  {button.label}
                </Button>
              </li>
            ))}
          </ul>
        )}
        {failed !== null && (
          <Notice
            tone="bad"
            action={
              <Button look="secondary" size="sm" onClick={() => void send(text)}>
                {t("common:action.retry")}
              </Button>
            }
          >
            {say(failed)}
          </Notice>
        )}
        {lines.length > 0 && (
          <Button
            look="quiet"
            size="sm"
            className="self-start"
            icon={<RotateCcw aria-hidden className="size-4" />}
            onClick={startOver}
          >
            {t("startOver")}
          </Button>
        )}
        <div ref={end} />
      </div>
    </Dialog>
  );
}

type LineProps = { line: ChatLine; streamed: string; onRated: (line: ChatLine) => void; onLeave: () => void };

function Line({ line, streamed, onRated, onLeave }: LineProps) {
  const { t } = useTranslation("assistant");
  const navigate = useNavigate();
  if (line.sender === "USER") {
    return (
      <li className="max-w-[85%] self-end rounded-2xl rounded-ee-sm bg-brand px-3.5 py-2 text-on-brand">
        <span className="sr-only">{t("you")}</span>
        <p dir="auto" className="whitespace-pre-wrap">
          {line.message}
        </p>
      </li>
    );
  }
  const words = line.state === "pending" ? streamed || line.message : line.message;
  const path =
    line.action?.type === "NAVIGATE" && line.action.path && /^\/(?![/\\])/.test(line.action.path)
      ? line.action.path
      : null;
  return (
    <li className="flex max-w-[92%] flex-col gap-2 self-start rounded-2xl rounded-es-sm bg-sunken px-3.5 py-2.5">
      <span className="sr-only">{t("bot")}</span>
      {words ? (
        <Suspense fallback={<p dir="auto">{words}</p>}>
          <Markdown>{words}</Markdown>
        </Suspense>
      ) : (
        <p className="animate-pulse text-ink-soft">{t("thinking")}</p>
      )}
      {line.state === "failed" && <Notice tone="bad">{t("failed")}</Notice>}
      {path && (
        <Button
          size="sm"
          className="self-start"
          onClick={() => {
            onLeave();
            void navigate(path);
          }}
        >
          {line.action?.label || t("go")}
        </Button>
      )}
      {line.state !== "pending" && (
        <div className="flex flex-wrap items-center justify-between gap-2 text-xs text-ink-soft">
          <span>{line.ai_model_used ? t("byModel") : t("byUs")}</span>
          <Stars line={line} onRated={onRated} />
        </div>
      )}
    </li>
  );
}

function Stars({ line, onRated }: { line: ChatLine; onRated: (line: ChatLine) => void }) {
  const { t } = useTranslation("assistant");
  const given = line.user_rating ?? 0;
  return (
    <span role="group" aria-label={t("rate")} className="flex">
      {[1, 2, 3, 4, 5].map((stars) => (
        <button
          key={stars}
          type="button"
          aria-label={t("stars", { count: stars })}
          aria-pressed={given === stars}
          className="flex size-6 items-center justify-center"
          onClick={() =>
            void rate(line.id, stars).then(
              (rated) => onRated({ ...line, ...rated, user_rating: stars }),
              () => undefined,
            )
          }
        >
          <Star
            aria-hidden
            className={cn("size-4", stars <= given ? "fill-star text-star" : "text-line-strong")}
          />
        </button>
      ))}
    </span>
  );
}
