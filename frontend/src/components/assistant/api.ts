import { get, post } from "@/api/client";
import type { Page } from "@/api/types";

export type BotAction = { type: string; path?: string; label?: string } | null;

/** One line of a conversation with the assistant. While `state` is "pending" its words come over the socket. */
export type ChatLine = {
  id: number;
  sender: "USER" | "BOT";
  message: string;
  detected_intent?: string | null;
  ai_model_used?: string | null;
  response_time_ms?: number | null;
  action?: BotAction;
  buttons?: { label: string; value: string }[];
  state?: "done" | "pending" | "failed";
  user_rating?: number | null;
  created_at: string;
};
export type ChatAnswer = { session_id: number; messages: ChatLine[] };
export type ChatSession = {
  id: number;
  session_type: string;
  is_active: boolean;
  title?: string;
  started_at: string;
  last_message_at: string;
};

/** Asks without waiting for a model: what it says arrives live, and can be fetched. */
export const ask = (body: {
  message: string;
  session_id: number | null;
  client_id: string;
  context: { current_page: string };
}) => post<ChatAnswer>("/chatbot/chat/", body, { headers: { Prefer: "respond-async" }, timeout: 30_000 });

export const fetchLine = (id: number) => get<ChatLine>(`/chatbot/messages/${id}/`);
/** A page of a conversation. They are counted from its beginning, so that what is said later moves nothing. */
export const fetchLines = (session: number, page: number | "last") =>
  get<Page<ChatLine>>(`/chatbot/sessions/${session}/messages/`, { params: { page, page_size: 30 } });
/** The number of the page before; null at the beginning. The first page's address bears no number. */
export const pageBefore = ({ previous }: Page<ChatLine>) =>
  previous ? Number(new URL(previous, location.origin).searchParams.get("page") ?? 1) : null;
export const rate = (id: number, rating: number) =>
  post<ChatLine>(`/chatbot/messages/${id}/rating/`, { rating });
