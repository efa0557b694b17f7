// The number beside the bell: asked for once the page stands, and again each minute while somebody looks at it.
"use strict";
const bell = document.querySelector("[data-count]");
const ring = async () => {
  if (document.hidden || !bell) return; // a wall's board has no head
  const answer = await fetch(bell.dataset.count, { redirect: "error" }).catch(() => null);
  const number = answer?.ok ? Number(await answer.text()) : NaN;
  if (!Number.isInteger(number)) return;
  const badge = bell.querySelector(".number");
  badge.textContent = number > 99 ? "99+" : number;
  badge.hidden = number === 0;
};
ring();
setInterval(ring, 60000);
document.addEventListener("visibilitychange", ring);
