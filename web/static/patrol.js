// The round's page: list and forms are one document. A check goes into the phone's store first, then to the hub.
"use strict";
(() => {
  const page = document.getElementById("round"), said = page.dataset;
  const list = document.getElementById("list"), point = document.getElementById("point");
  const trouble = document.getElementById("trouble"), sync = document.getElementById("sync");
  const rows = [...list.querySelectorAll(".points > li")];
  const known = new Set(rows.filter((each) => "visited" in each.dataset).map((each) => each.dataset.id));
  const row = (id) => rows.find((each) => each.dataset.id === id);
  const SHOWN = 4;  // items of a column in sight
  const LARGEST = 12 * 1024 * 1024;
  let taken = [], busy = null, timer = null, storing = true;

  const part = (name) => point.querySelector(`[data-part=${name}]`);
  const form = () => point.querySelector("form");
  const tell = (where, words) => { where.textContent = words; where.hidden = !words; };
  const instant = () => new Date().toISOString().replace("Z", "000Z");
  const key = (id) => `${said.round}|${id}`;

  // The list: what the hub knew when the page was made, and over it what this phone holds or has sent since. A page
  // that was opened again without the hub is an old one, so what was sent is remembered, without its pictures.
  const paint = async () => {
    const mine = storing ? (await drafts.all()).filter((each) => each.round === said.round) : [];
    for (const each of rows) {
      const own = mine.filter((draft) => draft.checkpoint === each.dataset.id), local = each.querySelector(".local");
      const refused = own.find((draft) => draft.state === "refused"), good = own.filter((draft) => draft.state !== "refused");
      if (!own.length) continue;
      if (good.length && !("visited" in each.dataset)) mark(each, good.some((draft) => draft.found));
      if (!good.length && !known.has(each.dataset.id)) unmark(each);
      local.textContent = refused ? `${said.refused}：${refused.words}` : own.some((draft) => draft.state === "kept") ? said.kept : said.sent;
    }
    const waiting = mine.filter((each) => each.state === "kept").length, visited = rows.filter((each) => "visited" in each.dataset).length;
    document.querySelector("#far span").textContent = String(visited);
    list.querySelector("progress").value = visited;
    sync.textContent = waiting ? said.pending.replace("{n}", waiting) : mine.length ? said.sent : "";
    return waiting;
  };
  const mark = (item, found) => {
    const pill = item.querySelector(".pill"), adds = "visited" in item.dataset;
    item.dataset.visited = "";
    if (adds && !found) return;
    pill.className = `pill ${found ? "amber" : "green"}`;
    pill.textContent = found ? `! ${said.found}` : `✓ ${said.fine}`;
  };

  const unmark = (item) => {
    const pill = item.querySelector(".pill");
    delete item.dataset.visited;
    pill.className = "pill grey";
    pill.textContent = said.due;
  };

  // Sending: one at a time, in order, for as long as it takes.
  const flush = (late = true) => busy ??= (async () => {
    clearTimeout(timer);
    const tried = new Set(), untried = async () => (await drafts.all()).find((each) => each.state === "kept" && !tried.has(each.id));
    for (let draft = await untried(); draft; draft = await untried()) {
      tried.add(draft.id);
      let outcome = { state: "again" };
      try {
        if (drafts.hub.token || await drafts.reach(said.nowAt)) outcome = await drafts.send(draft, said.sendAt, late || draft.late);
      } catch { outcome = { state: "away" }; }
      if (outcome.state === "sent") {
        await drafts.put({ ...draft, state: "sent", fields: [], photos: [] });
        tell(trouble, outcome.words);
      } else if (outcome.state === "refused") {
        await drafts.put({ ...draft, state: "refused", words: outcome.words });
      } else {
        drafts.hub.token = "";
        await drafts.put({ ...draft, late: true });
        tell(trouble, drafts.hub.login ? said.login : said.away);
        timer = setTimeout(flush, drafts.WAIT_MS);
        break;
      }
      await paint();
    }
    busy = null;
    const left = await paint();
    if (!left && !drafts.hub.login && trouble.textContent === said.away) tell(trouble, "");
    return left;
  })();

  // A form: filled by the page's script from the list's row; pictures are held here, for a file field cannot keep them.
  const shots = () => {
    part("shots").textContent = taken.length ? said.shots.replace("{n}", taken.length) : "";
    part("taken").replaceChildren(...taken.map(thumbnail));
  };
  const thumbnail = (bytes, number) => {  // with what takes it away again: the hub may refuse a picture, or it shows too much
    const item = document.createElement("li"), canvas = document.createElement("canvas"), away = document.createElement("button");
    Object.assign(canvas, { width: 96, height: 72, role: "img", ariaLabel: said.shot.replace("{n}", number + 1) });
    Object.assign(away, { type: "button", className: "secondary outline", textContent: said.takeAway, ariaLabel: said.takeAwayOne.replace("{n}", number + 1) });
    away.addEventListener("click", async () => {
      taken = taken.filter((each) => each !== bytes);
      shots();
      await begun();
    });
    createImageBitmap(new Blob([bytes], { type: "image/jpeg" }), { resizeHeight: canvas.height }).then((image) => {
      canvas.width = image.width;
      canvas.getContext("2d").drawImage(image, 0, 0);
      image.close();
    }, () => canvas.replaceWith(said.torn));
    item.append(canvas, away);
    return item;
  };
  const chip = (name, value, words, checked) => {
    const label = document.createElement("label"), input = document.createElement("input"), text = document.createElement("span");
    label.className = "chip";
    Object.assign(input, { type: "radio", name, value, checked });
    text.textContent = words;
    label.append(input, text);
    return label;
  };
  const fill = (id, tag) => {
    point.replaceChildren(document.getElementById("blank").content.cloneNode(true));
    const from = row(id), visited = "visited" in from.dataset, place = from.dataset.place;
    form().elements.checkpoint.value = id;
    form().elements.tag.value = tag;
    point.querySelector(".place").textContent = from.querySelector("strong").textContent;
    const people = [...from.querySelectorAll(".here li")], preset = from.dataset.preset;
    part("here").replaceChildren(...people.map((each) => each.cloneNode(true)));
    part("as-of").hidden = !people.length;
    for (const each of point.querySelectorAll("[data-where]")) if (!each.dataset.where.split(" ").includes(place)) each.remove();
    for (const column of point.querySelectorAll("[data-column]")) {
      const items = [...column.querySelectorAll("[data-where]")], more = column.querySelector(".more");
      column.querySelector(".chips").replaceChildren(...items.slice(0, SHOWN));
      more?.querySelector(".chips").replaceChildren(...items.slice(SHOWN));
      if (items.length <= SHOWN) more?.remove();
      if (!items.length) column.remove();
    }
    const nobody = point.querySelector("[name=person]"), chips = nobody.closest(".chips");
    chips.prepend(...people.map((each) => chip("person", each.dataset.person, each.dataset.name, each.dataset.person === preset)));
    nobody.checked = !preset;
    part("persons").hidden = !people.length;
    part("reasons").hidden = Boolean(tag);
    part("visited").hidden = !visited;
    part("fine").hidden = visited;
  };
  const refusedAt = async (id) => (await drafts.all()).find((each) => each.state === "refused" && each.round === said.round && each.checkpoint === id);
  const restore = async (id) => {
    const begun = storing && (await drafts.begun(key(id)) ?? await refusedAt(id));
    if (!begun || form()?.elements.checkpoint.value !== id) return;
    taken = begun.photos;
    for (const [name, value] of begun.fields) {
      for (const field of form().querySelectorAll(`[name="${name}"]`)) {
        if (field.type === "checkbox" || field.type === "radio") field.checked = field.checked && field.type === "checkbox" || field.value === value;
        else if (field.type !== "hidden" && field.type !== "file") field.value = value;
      }
    }
    shots();
  };
  const begun = () => storing && drafts.begin(key(form().elements.checkpoint.value), { fields: fields(), photos: taken });
  const fields = (button) => {
    const given = [...new FormData(form())].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
    return button?.name ? [...given, [button.name, button.value]] : given;
  };
  const dress = () => {  // what every form gets, made here or by the server
    part("save").textContent = part("fine").hidden ? said.add : said.save;
    form().noValidate = true;
    form().addEventListener("submit", keep);
    form().addEventListener("change", changed);
    part("list").addEventListener("click", (event) => { event.preventDefault(); location.hash = "list"; show(); });
    shots();
  };
  const changed = async (event) => {
    if (event.target.name === "photos") await take(event.target);
    await begun();
  };
  const take = async (input) => {
    for (const file of input.files) {
      if (taken.length >= Number(form().dataset.most)) { tell(part("words"), said.tooMany); break; }
      const bytes = await file.arrayBuffer(), head = new Uint8Array(bytes.slice(0, 3));
      if (head[0] !== 0xff || head[1] !== 0xd8 || head[2] !== 0xff) tell(part("words"), said.notJpeg);
      else if (bytes.byteLength > LARGEST) tell(part("words"), said.tooLarge);
      else { taken.push(bytes); tell(part("words"), ""); }
    }
    input.value = "";
    shots();
  };
  const lacking = (given, adds) => {
    const has = (name) => given.some(([each, value]) => each === name && value.trim());
    const fine = has("nothing"), found = has("item"), reason = has("no_photo") || has("no_photo_words");
    if (fine && found) return said.both;
    if (adds) return found || has("note") || has("need") || taken.length ? "" : said.needMore;
    if (!fine && !found) return said.needChoice;
    return taken.length || reason ? "" : said.needPhoto;
  };
  const keep = async (event) => {
    if (!storing) return;  // then the form itself is sent
    event.preventDefault();
    const given = fields(event.submitter), id = form().elements.checkpoint.value, words = lacking(given, part("fine").hidden);
    tell(part("words"), words);
    if (words) {
      part("without").open ||= words === said.needPhoto;
      part("words").scrollIntoView({ block: "center" });
      return;
    }
    const draft = { id: drafts.id(), round: said.round, checkpoint: id, fields: given, photos: taken, at: instant(), offset: drafts.offset(), state: "kept", late: false, found: given.some(([name]) => name === "item") };
    await drafts.put(draft);
    await drafts.forget(key(id));
    for (let old = await refusedAt(id); old; old = await refusedAt(id)) await drafts.drop(old.id);  // filled in anew
    mark(row(id), draft.found);
    await paint();
    flush(false);
    const at = rows.indexOf(row(id)), after = [...rows.slice(at + 1), ...rows.slice(0, at)].find((each) => !("visited" in each.dataset));
    location.hash = after ? `p-${after.dataset.id}` : "list";
    show();
  };

  const show = () => {
    const id = location.hash.startsWith("#p-") ? location.hash.slice(3) : "";
    if (id && row(id)) {
      if (form()?.elements.checkpoint.value !== id) {
        taken = [];
        fill(id, id === said.open ? said.tag : "");
        dress();
        restore(id);
      }
      point.hidden = false;
      list.hidden = true;
      scrollTo(0, 0);
      point.querySelector(".place").focus({ preventScroll: true });
      return;
    }
    list.hidden = false;
    point.hidden = true;
    point.replaceChildren();
  };

  list.addEventListener("click", (event) => {
    const chosen = event.target.closest(".points > li > a");
    if (!chosen) return;
    event.preventDefault();
    location.hash = `p-${chosen.parentElement.dataset.id}`;
  });
  document.getElementById("sign").addEventListener("click", async (event) => {
    event.preventDefault();
    const target = event.currentTarget.href;
    if (!await drafts.reach(said.nowAt)) return tell(trouble, drafts.hub.login ? said.login : said.noSign);
    if (storing && await flush()) return tell(trouble, said.wait);
    location.assign(target);
  });
  addEventListener("hashchange", show);
  addEventListener("online", () => flush());

  // Over https (or on the hub itself) the page can be opened again without the hub: this round's alone is put aside.
  const putAside = async () => {
    if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return;
    try {
      await navigator.serviceWorker.register(said.worker, { scope: said.scope });
      const shelf = await caches.open("zaigang-patrol"), linked = document.querySelectorAll("link[href], script[src]");
      const assets = [...linked].map((each) => each.href || each.src).filter((each) => each.includes("/static/"));
      const wanted = new Set([...assets, new URL(said.roundAt, location.href).href]);  // not a tag's address, which is opened once
      await shelf.addAll(wanted);
      for (const old of await shelf.keys()) if (!wanted.has(old.url)) await shelf.delete(old);
      await navigator.serviceWorker.ready;
      page.dataset.aside = "yes";
    } catch { /* the hub is away, or the certificate is not trusted: everything else goes on */ }
  };

  (async () => {
    try {
      for (const old of await drafts.all()) if (old.state === "sent" && old.round !== said.round) await drafts.drop(old.id);
    } catch { storing = false; tell(trouble, said.noStore); }
    point.replaceChildren();  // the form that the server made is for browsers without scripts
    if (said.open && !location.hash) history.replaceState(null, "", `#p-${said.open}`);
    show();
    await paint();
    page.dataset.ready = "yes";
    if (!await drafts.reach(said.nowAt) && !localStorage.getItem("zaigang-offset")) localStorage.setItem("zaigang-offset", String(Number(said.now) - Date.now()));
    if (storing) await flush();
    await putAside();
  })();
})();
