// Without the hub the round's page is opened from what the page itself put aside; with it, always from the hub.
"use strict";
const KEPT = "zaigang-patrol";
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event, page = request.mode === "navigate";
  if (request.method !== "GET" || !(page || new URL(request.url).pathname.startsWith("/static/"))) return;
  const kept = () => caches.open(KEPT).then((shelf) => shelf.match(request, { ignoreSearch: page, ignoreVary: true }));
  event.respondWith(fetch(request).catch(async () => await kept() ?? Response.error()));
});
