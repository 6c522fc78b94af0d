import { http as answer, HttpResponse } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { server } from "@/testing/server";

import { LiveSocket, type LiveFrame } from "./live";
import { useLive } from "./liveState";

class Wire extends EventTarget {
  static made: Wire[] = [];
  readyState: number = WebSocket.OPEN;
  sent: Record<string, unknown>[] = [];
  closed: number | null = null;
  constructor(readonly address: () => Promise<string>) {
    super();
    Wire.made.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code: number) {
    this.closed = code;
  }
  reconnect() {
    this.dispatchEvent(new Event("close"));
  }
  gives(...frames: LiveFrame[]) {
    for (const frame of frames)
      this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
}
vi.mock("partysocket/ws", () => ({
  default: function (address: () => Promise<string>) {
    return new Wire(address);
  },
}));

let socket: LiveSocket;
let heard: LiveFrame[];
const wire = () => {
  const found = Wire.made.at(-1);
  if (!found) throw new Error("nothing was opened");
  return found;
};
const event = (seq: number): LiveFrame => ({ type: "message.new", seq });

beforeEach(() => {
  Wire.made = [];
  heard = [];
  socket = new LiveSocket("chat", () => "ar");
  socket.listen((frame) => heard.push(frame));
  socket.open();
});
afterEach(() => socket.close());

it("asks for a fresh ticket at every connection", async () => {
  let asked = 0;
  server.use(answer.post("/api/auth/ws-ticket/", () => HttpResponse.json({ ticket: `t/${(asked += 1)}` })));
  expect(await wire().address()).toMatch(/\/ws\/chat\/\?ticket=t%2F1&lang=ar$/);
  expect(await wire().address()).toMatch(/ticket=t%2F2/);
});

it("asks, after an interruption, for everything since what it had", () => {
  wire().gives({ type: "hello", seq: 10 }, event(11), event(12));
  wire().reconnect();
  wire().gives({ type: "hello", seq: 15 });
  expect(wire().sent.at(-1)).toEqual({ type: "sync", since: 12 });
  wire().gives(event(13), event(14), event(15));
  expect(heard.map(({ seq }) => seq)).toEqual([11, 12, 13, 14, 15]);
});

it("says once that it begins: what pages fetched before may be older than its first event", () => {
  const begun = vi.fn();
  socket.onBegin(begun);
  wire().gives({ type: "hello", seq: 10 }, event(11));
  expect(begun).toHaveBeenCalledOnce();
  wire().reconnect();
  wire().gives({ type: "hello", seq: 12 });
  expect(begun).toHaveBeenCalledOnce();
});

it("gives each event once", () => {
  wire().gives({ type: "hello", seq: 0 }, event(1), event(1), event(2), event(1));
  expect(heard.map(({ seq }) => seq)).toEqual([1, 2]);
});

it("holds back what came before what is missing, and asks for that", () => {
  wire().gives({ type: "hello", seq: 0 }, event(1), event(3));
  expect(heard.map(({ seq }) => seq)).toEqual([1]);
  expect(wire().sent.at(-1)).toEqual({ type: "sync", since: 1 });
});

it("has pages fetch everything again where too much was missed, and goes on from there", () => {
  const again = vi.fn();
  socket.onResync(again);
  wire().gives({ type: "hello", seq: 1 }, { type: "resync_required", seq: 900 }, event(901));
  expect(again).toHaveBeenCalledOnce();
  expect(heard.map(({ seq }) => seq)).toEqual([901]);
});

it("says that pages have to ask after the third failure, and takes it back when it is heard again", () => {
  for (let failure = 0; failure < 3; failure += 1) wire().reconnect();
  expect(useLive.getState().chat).toBe("polling");
  wire().gives({ type: "hello", seq: 1 });
  expect(useLive.getState().chat).toBe("live");
});

it("gives up where the server will not have it", () => {
  wire().dispatchEvent(Object.assign(new Event("close"), { code: 4403 }));
  expect(wire().closed).toBe(1000);
  expect(useLive.getState().chat).toBe("off");
});

it("sends nothing, and says so, without a connection", () => {
  wire().readyState = 0;
  expect(socket.send({ type: "typing" })).toBe(false);
  expect(wire().sent).toEqual([]);
});

it("is not disturbed by what is no frame", () => {
  wire().dispatchEvent(new MessageEvent("message", { data: "<html>" }));
  wire().gives({ type: "hello", seq: 0 }, event(1));
  expect(heard).toHaveLength(1);
});
