// What the pages do beyond plain forms and links; all of them work without it.
"use strict";

// A run that is under way is followed: when it ends, or the numbers are published, the page is read anew.
const place = document.querySelector("[data-follow]");
if (place) {
  const follow = async () => {
    try {
      const answer = await fetch(place.dataset.follow, { credentials: "same-origin" });
      if (!answer.ok) { location.reload(); return; }
      const p = await answer.json();
      if (!p.running) { location.reload(); return; }
      place.querySelector(".now").textContent = p.step + " " + p.detail;
      let isAfter = false;
      for (const li of document.querySelectorAll("[data-step]")) {
        const isNow = li.dataset.step === p.step;
        li.className = isNow ? "now" : isAfter ? "waits" : "done";
        li.querySelector(".state").textContent = li.parentElement.dataset[li.className];
        isAfter = isAfter || isNow;
      }
    } catch { /* asked again */ }
    setTimeout(follow, 1000);
  };
  setTimeout(follow, 1000);
}

// What has a data-key is pressed by that key, outside of fields and unless the person has switched that off.
const keysOn = document.querySelector("#keys-on");
if (keysOn) {
  keysOn.checked = localStorage.getItem("keys") !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem("keys", keysOn.checked ? "on" : "off"));
}
document.addEventListener("keydown", (e) => {
  if (keysOn && !keysOn.checked || e.ctrlKey || e.altKey || e.metaKey || e.repeat || e.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (e.key === "?" && keysOn) { keysOn.focus(); return; }
  const pressed = /^[a-z0-9]$/.test(e.key) && document.querySelector(`[data-key="${e.key}"]`);
  if (!pressed) return;
  e.preventDefault();
  pressed.click();
  if (pressed.type !== "checkbox") { chosen = pressed; pressed.form?.elements.why?.focus(); }
});
// A key that answers before a reason is written leads to the reason's field; Enter there gives the answer that was chosen.
let chosen;
document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && e.target.name === "why" && chosen?.form === e.target.form) { e.preventDefault(); chosen.click(); }
});
