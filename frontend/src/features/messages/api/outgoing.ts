import { create } from "zustand";

import { post } from "@/api/client";
import { ApiError, toApiError } from "@/api/errors";
import type { LiveFrame } from "@/api/live";
import { chatSocket } from "@/api/sockets";

import type { Message } from "./cache";

/** A message that the server has not confirmed yet. */
export type Outgoing = {
  client_id: string;
  conversation: number;
  content: string;
  file: File | null;
  progress: number;
  state: "sending" | "failed" | "waiting";
  error: ApiError | null;
  created_at: string;
};

type State = {
  messages: Outgoing[];
  change: (client_id: string, values: Partial<Outgoing>) => void;
  drop: (client_id: string) => void;
};

export const useOutgoing = create<State>((set) => ({
  messages: [],
  change: (client_id, values) =>
    set((state) => ({
      messages: state.messages.map((one) => (one.client_id === client_id ? { ...one, ...values } : one)),
    })),
  drop: (client_id) =>
    set((state) => ({ messages: state.messages.filter((one) => one.client_id !== client_id) })),
}));

const ACK_MS = 6_000;

/** Sends over the socket; where that is away or stays silent, by HTTP. The same `client_id` both ways is one message. */
export async function send(message: Outgoing, confirmed: (message: Message) => void): Promise<void> {
  const { change, drop } = useOutgoing.getState();
  change(message.client_id, { state: "sending", error: null });
  try {
    const kept = message.file
      ? await sendFile(message)
      : ((await overSocket(message)) ?? (await overHttp(message)));
    drop(message.client_id);
    confirmed(kept);
  } catch (error) {
    const found = toApiError(error);
    change(message.client_id, { state: found.isOffline ? "waiting" : "failed", error: found });
  }
}

function overSocket(message: Outgoing): Promise<Message | null> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      clearTimeout(timer);
      stop();
      act();
    };
    const stop = chatSocket.listen((frame: LiveFrame) => {
      if (frame.client_id !== message.client_id) return;
      if (frame.type === "message.ack") finish(() => resolve(frame.message as Message));
      if (frame.type === "error") {
        finish(() =>
          reject(new ApiError({ status: 400, code: String(frame.code), detail: String(frame.detail) })),
        );
      }
    });
    const timer = setTimeout(() => finish(() => resolve(null)), ACK_MS);
    const sent = chatSocket.send({
      type: "message.send",
      conversation: message.conversation,
      content: message.content,
      client_id: message.client_id,
    });
    if (!sent) finish(() => resolve(null));
  });
}

const overHttp = (message: Outgoing, attachment?: string) =>
  post<Message>(`/messages/conversations/${message.conversation}/messages/`, {
    content: message.content,
    client_id: message.client_id,
    ...(attachment ? { attachment } : {}),
  });

async function sendFile(message: Outgoing): Promise<Message> {
  const form = new FormData();
  if (message.file) form.append("file", message.file);
  const stored = await post<{ id: string }>("/files/", form, {
    timeout: 180_000,
    headers: { "Idempotency-Key": `file-${message.client_id}` },
    onUploadProgress: (event) =>
      useOutgoing.getState().change(message.client_id, { progress: event.progress ?? 0 }),
  });
  return overHttp(message, stored.id);
}
