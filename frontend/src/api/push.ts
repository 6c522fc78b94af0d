import { store, stored } from "@/lib/storage";

import { post, remove } from "./client";
import type { Schemas } from "./types";

export const dropPush = (id: number) => remove(`/notifications/push/subscriptions/${id}/`);

export const pushSupported = () =>
  "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Asks the browser, then tells the server. Resolves to false where the user said no. */
export async function allowPush(publicKey: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  const worker = await navigator.serviceWorker.ready;
  const key = bytesOf(publicKey);
  const old = await worker.pushManager.getSubscription();
  // A browser subscribes to one key of a server: one for another key is in the way.
  if (old && String(new Uint8Array(old.options.applicationServerKey ?? [])) !== String(key))
    await old.unsubscribe();
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  });
  await tell(subscription);
  return true;
}

async function tell(subscription: PushSubscription) {
  const { endpoint, keys, expirationTime } = subscription.toJSON();
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error("incomplete subscription");
  const kept = await post<Schemas["PushSubscription"]>("/notifications/push/subscriptions/", {
    endpoint,
    keys: { p256dh: keys.p256dh, auth: keys.auth },
    user_agent: navigator.userAgent.slice(0, 200),
    ...(expirationTime ? { expirationTime } : {}),
  } satisfies Schemas["PushSubscribeRequest"]);
  store("push", String(kept.id));
}

/** Browsers change addresses silently: what there is, is told anew at each start. */
export async function renewPush() {
  if (!pushSupported() || Notification.permission !== "granted" || !stored("push")) return;
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.getSubscription();
  if (subscription) await tell(subscription);
}

/** Who logs out takes along what this browser was told to show. */
export async function endPush() {
  const id = stored("push");
  if (!id || !pushSupported()) return;
  store("push", null);
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  await Promise.allSettled([dropPush(Number(id)), subscription?.unsubscribe()]);
}
