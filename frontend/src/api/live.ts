import PartySocket from "partysocket/ws";

import { post } from "./client";
import { useLive, type Stream } from "./liveState";
import type { Schemas } from "./types";

export type LiveFrame = { type: string; seq?: number } & Record<string, unknown>;
type Listener = (frame: LiveFrame) => void;

const FATAL = new Set([4403]);
const PING_MS = 25_000;

/** One socket, with what was missed brought back after every interruption: each event reaches the listeners once, in order. */
export class LiveSocket {
  private socket: PartySocket | null = null;
  private seq: number | null = null;
  private listeners = new Set<Listener>();
  private resyncs = new Set<() => void>();
  private beginnings = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private failures = 0;

  constructor(
    readonly stream: Stream,
    private readonly language: () => string,
  ) {}

  open() {
    if (this.socket) return;
    useLive.setState({ [this.stream]: "connecting" });
    // A ticket opens one socket, so every connection asks for a fresh one.
    const address = async () => {
      const { ticket } = await post<Schemas["Ticket"]>("/auth/ws-ticket/");
      const base = location.origin.replace(/^http/, "ws");
      return `${base}/ws/${this.stream}/?ticket=${encodeURIComponent(ticket)}&lang=${this.language()}`;
    };
    const socket = new PartySocket(address, undefined, {
      minReconnectionDelay: 500,
      maxReconnectionDelay: 30_000,
      reconnectionDelayGrowFactor: 1.8,
      connectionTimeout: 8_000,
      maxEnqueuedMessages: 0,
    });
    this.socket = socket;
    socket.addEventListener("message", (event) => this.receive(String((event as MessageEvent).data)));
    socket.addEventListener("close", (event) => {
      this.failures += 1;
      useLive.setState({ [this.stream]: this.failures > 2 ? "polling" : "connecting" });
      if (FATAL.has((event as CloseEvent).code)) this.close();
    });
    socket.addEventListener("error", () => {
      this.failures += 1;
      if (this.failures > 2) useLive.setState({ [this.stream]: "polling" });
    });
    this.timer = setInterval(() => this.send({ type: "ping" }), PING_MS);
  }

  close() {
    clearInterval(this.timer);
    this.socket?.close(1000);
    this.socket = null;
    this.seq = null;
    useLive.setState({ [this.stream]: "off" });
  }

  /** Ask for a fresh connection, as after switching the language. */
  reconnect() {
    this.socket?.reconnect();
  }

  /** False where there is no connection: the caller sends by HTTP instead. */
  send(frame: Record<string, unknown>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called when too much was missed: what is shown has to be fetched again. */
  onResync(listener: () => void): () => void {
    this.resyncs.add(listener);
    return () => this.resyncs.delete(listener);
  }

  /** Called when the first connection begins: what was fetched before it may be older than what it tells of. */
  onBegin(listener: () => void): () => void {
    this.beginnings.add(listener);
    return () => this.beginnings.delete(listener);
  }

  private receive(text: string) {
    let frame: LiveFrame;
    try {
      frame = JSON.parse(text) as LiveFrame;
    } catch {
      return;
    }
    if (frame.type === "hello") {
      this.failures = 0;
      useLive.setState({ [this.stream]: "live" });
      const reached = typeof frame.seq === "number" ? frame.seq : 0;
      const begins = this.seq === null;
      this.seq ??= reached;
      this.send({ type: "sync", since: this.seq });
      if (begins) for (const listener of this.beginnings) listener();
      return;
    }
    if (frame.type === "resync_required") {
      this.seq = typeof frame.seq === "number" ? frame.seq : this.seq;
      for (const listener of this.resyncs) listener();
      return;
    }
    if (typeof frame.seq === "number" && frame.type !== "synced") {
      if (this.seq !== null && frame.seq <= this.seq) return;
      if (this.seq !== null && frame.seq > this.seq + 1) {
        this.send({ type: "sync", since: this.seq });
        return;
      }
      this.seq = frame.seq;
    }
    for (const listener of this.listeners) listener(frame);
  }
}
