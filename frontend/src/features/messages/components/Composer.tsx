import { Paperclip, Send, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { chatSocket } from "@/api/sockets";
import { Button, controlClass, IconButton } from "@/components/ui";
import { cn } from "@/lib/cn";
import { fileSize } from "@/lib/format";
import { store, stored } from "@/lib/storage";

const LIMIT = 2000;
const BYTES = 10 * 1024 * 1024;
const ACCEPT = "image/jpeg,image/png,image/gif,image/webp,.pdf,.doc,.docx,.txt";
const RESEND_MS = 8_000;
const IDLE_MS = 5_000;

/** Tells the other side that one is writing, and that one has stopped. */
function useTyping(conversation: number) {
  const last = useRef(0);
  const idle = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stop = () => {
    clearTimeout(idle.current);
    if (last.current) chatSocket.send({ type: "typing.stop", conversation });
    last.current = 0;
  };
  const typed = () => {
    if (Date.now() - last.current > RESEND_MS) {
      last.current = Date.now();
      chatSocket.send({ type: "typing.start", conversation });
    }
    clearTimeout(idle.current);
    idle.current = setTimeout(stop, IDLE_MS);
  };
  useEffect(() => () => clearTimeout(idle.current), []);
  return { typed, stop };
}

/** Where one writes. What is written is kept for each conversation until it is sent. */
export function Composer({
  conversation,
  onSend,
}: {
  conversation: number;
  onSend: (content: string, file: File | null) => void;
}) {
  const { t } = useTranslation("messages");
  const kept = `message.${conversation}`;
  const [text, setText] = useState(() => stored(kept) ?? "");
  const [file, setFile] = useState<File | null>(null);
  const [fault, setFault] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const typing = useTyping(conversation);
  const change = (next: string) => {
    setText(next);
    store(kept, next || null);
  };
  const send = () => {
    const content = text.trim();
    if (!content && !file) return;
    if (content.length > LIMIT) {
      setFault(t("tooLong", { count: LIMIT }));
      return;
    }
    onSend(content, file);
    typing.stop();
    change("");
    setFile(null);
    setFault("");
    area.current?.focus();
  };
  return (
    <form
      className="border-t border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {fault && (
        <p role="alert" className="mb-2 text-sm text-bad">
          {fault}
        </p>
      )}
      {file && (
        <p className="mb-2 flex items-center gap-2 rounded-lg bg-sunken px-3 py-1">
          <bdi className="truncate">{file.name}</bdi>{" "}
          <span className="text-sm text-ink-soft">{fileSize(file.size)}</span>
          <IconButton label={t("file.drop")} className="ms-auto" onClick={() => setFile(null)}>
            <X aria-hidden className="size-5" />
          </IconButton>
        </p>
      )}
      <div className="flex items-end gap-1.5">
        <IconButton label={t("file.attach")} onClick={() => input.current?.click()}>
          <Paperclip aria-hidden className="size-5" />
        </IconButton>
        <input
          ref={input}
          type="file"
          accept={ACCEPT}
          tabIndex={-1}
          className="sr-only"
          aria-label={t("file.attach")}
          onChange={(event) => {
            const chosen = event.target.files?.[0] ?? null;
            event.target.value = "";
            setFault(chosen && chosen.size > BYTES ? t("file.tooLarge") : "");
            setFile(chosen && chosen.size <= BYTES ? chosen : null);
          }}
        />
        <textarea
          ref={area}
          dir="auto"
          rows={1}
          value={text}
          aria-label={t("write")}
          placeholder={t("write")}
          onChange={(event) => {
            change(event.target.value);
            typing.typed();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            }
          }}
          className={cn(controlClass, "field-sizing-content max-h-40 resize-none")}
        />
        <Button
          type="submit"
          size="icon"
          aria-label={t("send")}
          title={t("send")}
          disabled={!text.trim() && !file}
        >
          <Send aria-hidden className="turn size-5" />
        </Button>
      </div>
      {text.length > LIMIT - 200 && (
        <p className={cn("mt-1 text-end text-sm", text.length > LIMIT ? "text-bad" : "text-ink-soft")}>
          {text.length} / {LIMIT}
        </p>
      )}
    </form>
  );
}
