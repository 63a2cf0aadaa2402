// Keys for the queue and the page of a report, and a look at a file. All of it works without.
"use strict";

// Keys can be turned off for good in this browser (WCAG 2.1.4).
const OFF = "hueandcry-keys-off";
function stored(value) {
  try {
    if (value === undefined) return localStorage.getItem(OFF) === "1";
    localStorage.setItem(OFF, value ? "1" : "0");
  } catch { /* no storage: keys stay on */ }
  return Boolean(value);
}
let off = stored();
const box = document.getElementById("keys-off");
if (box) {
  box.hidden = document.getElementById("keys-off-words").hidden = false;
  box.checked = off;
  box.addEventListener("change", () => { off = stored(box.checked); });
}

// One key, one act: a details opens at its first field, anything else is pressed.
function act(target) {
  if (target.tagName !== "DETAILS") return target.click();
  target.open = true;
  target.scrollIntoView({ block: "nearest" });
  target.querySelector("select, textarea, input:not([type=hidden])")?.focus();
}

// In the queue n and p go from row to row.
function turn(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (off || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const at = event.target;
  if (at.isContentEditable || at.closest("textarea, select, input:not([type=checkbox])")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) act(target);
  else if (!(event.key === "n" || event.key === "p") || !turn(event.key === "n" ? 1 : -1)) return;
  event.preventDefault();
});

// A preview is decoded when somebody asks for it, and only then.
for (const each of document.querySelectorAll("[data-preview]")) {
  each.addEventListener("toggle", () => { each.querySelector("img").loading = "eager"; }, { once: true });
}

// A look at a file leaves it chosen, so that it need not be chosen twice.
const look = document.querySelector("[data-look]");
if (look) look.addEventListener("click", async (event) => {
  const form = look.form;
  if (!form.reportValidity()) return;
  event.preventDefault();
  look.disabled = true;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, look) }).catch(() => null);
  look.disabled = false;
  if (!answer || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("looked");
  const problem = page.querySelector("#bring .notice.error");
  form.querySelector(".notice.error")?.remove();
  if (!now || problem) {
    if (problem) form.prepend(document.adoptNode(problem));
    else location.reload();
    return;
  }
  document.getElementById("looked").replaceWith(document.adoptNode(now));
  document.querySelector("[data-take]").hidden = !form.elements.seen.value;
});
