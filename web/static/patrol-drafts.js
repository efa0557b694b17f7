// Drafts of checks, kept in the phone until the hub has them. A draft is sent again and again under the same random id.
"use strict";
const drafts = (() => {
  const NAME = "zaigang-patrol", WAIT_MS = 5000, LIMIT_MS = 60000;
  let open = null;

  const asked = (request) => new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });
  const base = () => open ??= new Promise((good, bad) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts", { keyPath: "id" });
      request.result.createObjectStore("begun", { keyPath: "key" });  // a form that is not finished, with its pictures
    };
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });
  const written = async (store, act) => {
    const change = (await base()).transaction(store, "readwrite", { durability: "strict" });
    act(change.objectStore(store));
    await new Promise((good, bad) => {
      change.oncomplete = good;
      change.onerror = change.onabort = () => bad(change.error);
    });
  };
  const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const put = (draft) => written("drafts", (store) => store.put(draft));
  const drop = (key) => written("drafts", (store) => store.delete(key));
  const all = async () => asked((await base()).transaction("drafts").objectStore("drafts").getAll());
  const begin = (key, value) => written("begun", (store) => store.put({ key, ...value }));
  const begun = async (key) => asked((await base()).transaction("begun").objectStore("begun").get(key));
  const forget = (key) => written("begun", (store) => store.delete(key));

  // What the phone's clock lacks to the hub's; remembered, for a page that is opened again without the hub.
  const hub = { token: "", login: false };
  const offset = () => Number(localStorage.getItem("zaigang-offset") ?? 0);
  const limited = async (address, options) => {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), LIMIT_MS);
    try { return await fetch(address, { redirect: "manual", cache: "no-store", signal: stop.signal, ...options }); } finally { clearTimeout(timer); }
  };
  const reach = async (address) => {  // whether the hub is there; also its time and a fresh token
    try {
      const answer = await limited(address, { headers: { Accept: "application/json" } });
      hub.login = answer.type === "opaqueredirect";
      if (!answer.ok) return false;
      const said = await answer.json();
      localStorage.setItem("zaigang-offset", String(said.now - Date.now()));
      hub.token = said.csrf;
      return true;
    } catch { return false; }
  };

  const body = (draft, late) => {
    const form = new FormData();
    for (const [name, value] of draft.fields) form.append(name, value);
    draft.photos.forEach((bytes, number) => form.append("photos", new Blob([bytes], { type: "image/jpeg" }), `${number}.jpg`));
    form.set("csrf_token", hub.token);
    form.set("draft", draft.id);
    form.set("phone_at", draft.at);
    form.set("offset_ms", String(draft.offset));
    form.set("offline", late ? "1" : "0");
    return form;
  };
  // What became of one draft: sent, refused (with words), or to be tried again.
  const send = async (draft, address, late) => {
    const answer = await limited(address, { method: "POST", body: body(draft, late), headers: { Accept: "application/json" } });
    hub.login = answer.type === "opaqueredirect";
    const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
    if (answer.ok && said) return { state: "sent", words: said.words };
    if (said && answer.status >= 400 && answer.status < 500 && answer.status !== 429) return { state: "refused", words: said.words };
    return { state: "again" };
  };

  return { id, put, drop, all, begin, begun, forget, reach, send, offset, hub, WAIT_MS };
})();
