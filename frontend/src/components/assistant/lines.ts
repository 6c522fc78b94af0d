import type { ChatLine } from "./api";

/** Lines with others put in: by id, the newer state of a line wins, the order is theirs. */
export function joined(lines: readonly ChatLine[], more: readonly ChatLine[]): ChatLine[] {
  const all = new Map(lines.map((line) => [line.id, line]));
  for (const line of more) {
    const known = all.get(line.id);
    // What came late must not undo what is finished.
    if (known && known.state !== "pending" && line.state === "pending") continue;
    all.set(line.id, line);
  }
  return [...all.values()].sort((a, b) => a.id - b.id);
}

export type Token = { message: number; text: string; index: number; attempt?: number };
export type Streams = Record<number, { attempt: number; parts: Record<number, string> }>;

/** Words as they arrive, in any order; a new attempt at the answer begins it anew. */
export function withToken(streams: Streams, token: Token): Streams {
  const attempt = token.attempt ?? 1;
  const known = streams[token.message];
  if (known && attempt < known.attempt) return streams;
  const parts = known?.attempt === attempt ? known.parts : {};
  return { ...streams, [token.message]: { attempt, parts: { ...parts, [token.index]: token.text } } };
}

/** What has arrived without a gap. */
export function textOf(streams: Streams, message: number): string {
  const parts = streams[message]?.parts ?? {};
  let text = "";
  for (let index = 0; parts[index] !== undefined; index += 1) text += parts[index];
  return text;
}
