// Without the hub the round's page is opened from what the page itself put aside; with it, always from the hub.
"use strict";
const KEPT = "zaigang-patrol", ROUNDS = new URL("rounds", location.href).pathname;
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event, page = request.mode === "navigate";
  if (request.method !== "GET" || !(page || new URL(request.url).pathname.startsWith("/static/"))) return;
  const kept = async () => {
    const shelf = await caches.open(KEPT), found = await shelf.match(request, { ignoreSearch: page, ignoreVary: true });
    if (found || !page) return found;
    const round = (await shelf.keys()).find((each) => new URL(each.url).pathname.startsWith(`${ROUNDS}/`));
    return round && Response.redirect(round.url);  // patrol's first page, or a tag's: the list of the round that goes on
  };
  event.respondWith(fetch(request).catch(async () => await kept() ?? Response.error()));
});
