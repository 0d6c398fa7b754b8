// Keeps the page on the phone, so that it opens without a network. One release at a time: files of
// two are never mixed. Calls and words of people are never kept.

importScripts("release.js");

const SHELF = `trellis-field-${self.RELEASE}`;
const PAGE = new URL("../field", self.location).pathname;
const FILES = self.FILES.map((name) => (name ? new URL(name, self.location).pathname : PAGE));

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && FILES.includes(pathname)) event.respondWith(kept(pathname));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.hash));
});

async function keepAll() {
  const shelf = await caches.open(SHELF);
  await shelf.addAll(FILES.map((path) => new Request(path, { cache: "no-cache" })));
}

async function dropOthers() {
  const names = await caches.keys();
  const ours = names.filter((name) => name.startsWith("trellis-field-") && name !== SHELF);
  await Promise.all(ours.map((name) => caches.delete(name)));
}

async function kept(pathname) {
  const found = await (await caches.open(SHELF)).match(pathname);
  return found || fetch(pathname);
}

async function show(hash) {
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find((client) => new URL(client.url).pathname === PAGE);
  if (!page) return self.clients.openWindow(PAGE + hash);
  page.postMessage({ hash });
  return page.focus();
}
