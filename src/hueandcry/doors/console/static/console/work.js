// Small helps on the page of a signal; all of it works without them.
"use strict";

// Copies the canonical value, and says so.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = label + " ✓";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// One value after another by the keyboard: Enter goes on.
const enter = document.getElementById("enter");
if (enter) {
  enter.hidden = false;
  document.getElementById("id_values").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("button[name=step]"));
  });
}

// While receipts are on their way, what became of our claims is read again, for five minutes.
let turns = 200;
async function follow() {
  const before = document.querySelector("#follow[data-follow]");
  if (!before || turns-- < 0) return;
  if (!document.hidden && !before.contains(document.activeElement)) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer && answer.redirected) return;
    if (answer && answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("follow");
      if (!now) return;
      if (now.innerHTML !== before.innerHTML) {
        const open = [...before.querySelectorAll("details")].map((each) => each.open);
        [...now.querySelectorAll("details")].forEach((each, n) => { if (n in open) each.open = open[n]; });
        before.replaceWith(document.adoptNode(now));
      }
    }
  }
  setTimeout(follow, 1500);
}
setTimeout(follow, 1000);
