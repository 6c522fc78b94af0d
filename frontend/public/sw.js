// Keeps files that never change, shows a page of our own without a network, and shows what is pushed. The application's
// shell is never taken from here: every address is asked of the server first.
const FILES = "files-1";
const OFFLINE = "/offline.html";
const KEPT = ["/icon.svg", "/icon-192.png", "/offline.css", OFFLINE];
const MOST_FILES = 200;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(FILES)
      .then((cache) => cache.addAll(KEPT))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== FILES).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

/** A file with its contents' hash in its name: what was fetched once is right for ever. */
async function hashedFile(request) {
  const cache = await caches.open(FILES);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") {
    await cache.put(request, answer.clone()).catch(() => undefined);
    const names = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith("/assets/"));
    await Promise.all(
      names.slice(0, Math.max(0, names.length - MOST_FILES)).map((name) => cache.delete(name)),
    );
  }
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(hashedFile(request));
  else if (request.mode === "navigate")
    event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) ?? Response.error()));
  else if (KEPT.includes(url.pathname))
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
});

/** A path of this site, and nothing else. */
const ownPath = (link) => {
  if (typeof link !== "string" || !/^\/(?![/\\])/.test(link)) return "/notifications";
  const url = new URL(link, self.location.origin);
  return url.origin === self.location.origin ? url.pathname + url.search : "/notifications";
};

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // A push that says nothing still has to be shown.
  }
  event.waitUntil(
    self.registration.showNotification(String(told.title || "Multitask"), {
      body: String(told.body || ""),
      tag: told.tag ? String(told.tag) : undefined,
      lang: told.lang === "en" ? "en" : "ar",
      dir: told.dir === "ltr" ? "ltr" : "rtl",
      icon: "/icon-192.png",
      badge: "/icon-192.png",
      data: { link: ownPath(told.link) },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = ownPath(event.notification.data?.link);
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then(async (windows) => {
      const [first] = windows;
      if (!first) return self.clients.openWindow(link);
      await first.focus().catch(() => undefined);
      // The open page goes there without a reload, so that nothing typed is lost unasked.
      first.postMessage({ type: "open", link });
    }),
  );
});
