import { Bot, RotateCcw, Send, Star } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";

import { ask, rate, type ChatLine } from "@/components/assistant/api";
import { textOf } from "@/components/assistant/lines";
import { useSessionLines } from "@/components/assistant/useSessionLines";
import { Button, controlClass, Dialog, Notice } from "@/components/ui";
import { cn } from "@/lib/cn";
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";

const Markdown = lazy(() => import("@/components/ui/Markdown"));
const LIMIT = 2000;

const keptSession = () => Number(stored("assistant")) || null;

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
  const { lines, streams, add, clear, fetching, fetchEarlier } = useSessionLines(session, open);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const asked = useRef({ words: "", id: "" });
  const waiting = busy || lines.some((line) => line.state === "pending");
  const body = usePlace(lines, textOf(streams, lines.at(-1)?.id ?? 0), open);

  const send = async (message: string) => {
    const words = message.trim();
    if (!words || busy) return;
    // The same words again, after no answer, are the same question: the server may have it already.
    if (failed === null || asked.current.words !== words) asked.current = { words, id: crypto.randomUUID() };
    setBusy(true);
    setFailed(null);
    try {
      const answer = await ask({
        message: words,
        session_id: session,
        client_id: asked.current.id,
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
      bodyRef={body}
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
      <div className="flex flex-col gap-3 [overflow-anchor:none]">
        {fetchEarlier && <Earlier busy={fetching} onSeen={fetchEarlier} />}
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
              <Button
                look="secondary"
                size="sm"
                onClick={() => void send(text.trim() ? text : asked.current.words)}
              >
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
      </div>
    </Dialog>
  );
}

/** The scrolling box: shows what was said last as it comes, and keeps its place when earlier lines are put in. */
function usePlace(lines: readonly ChatLine[], streamed: string, open: boolean) {
  const body = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const attach = useCallback((box: HTMLDivElement | null) => {
    body.current = box;
    if (box) box.scrollTop = box.scrollHeight;
  }, []);
  const [first, last] = [lines[0]?.id, lines.at(-1)];
  useLayoutEffect(() => {
    const box = body.current;
    if (box && height.current) box.scrollTop += box.scrollHeight - height.current;
  }, [first]);
  useEffect(() => {
    const box = body.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, [last?.id, last?.state, streamed, open]);
  useEffect(() => {
    height.current = body.current?.scrollHeight ?? 0;
  });
  return attach;
}

/** Fetches what was said earlier when it is scrolled to, or pressed. */
function Earlier({ busy, onSeen }: { busy: boolean; onSeen: () => void }) {
  const { t } = useTranslation("assistant");
  const button = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = button.current;
    if (!element || busy || typeof IntersectionObserver === "undefined") return;
    const seen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) onSeen();
    });
    seen.observe(element);
    return () => seen.disconnect();
  });
  return (
    <div ref={button} className="flex justify-center">
      <Button look="quiet" size="sm" busy={busy} onClick={onSeen}>
        {t("earlier")}
      </Button>
    </div>
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
