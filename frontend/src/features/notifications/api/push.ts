import { subscribePush } from "./notifications";

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
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytesOf(publicKey),
  });
  await tell(subscription);
  return true;
}

async function tell(subscription: PushSubscription) {
  const { endpoint, keys, expirationTime } = subscription.toJSON();
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error("incomplete subscription");
  await subscribePush({
    endpoint,
    keys: { p256dh: keys.p256dh, auth: keys.auth },
    user_agent: navigator.userAgent.slice(0, 200),
    ...(expirationTime ? { expirationTime } : {}),
  } as Parameters<typeof subscribePush>[0]);
}

/** Browsers change addresses silently: what there is, is told anew at each start. */
export async function renewPush() {
  if (!pushSupported() || Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.getSubscription();
  if (subscription) await tell(subscription);
}
