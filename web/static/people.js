// A file input in the page's own words: browsers name theirs in the language of their menus.
"use strict";
for (const pick of document.querySelectorAll(".file-pick")) {
  const input = pick.querySelector("input");
  const shown = pick.querySelector("output");
  const show = () => { shown.textContent = input.files.length ? input.files[0].name : pick.dataset.none; };
  pick.classList.add("named");
  shown.hidden = false;
  input.addEventListener("change", show);
  show();
}
