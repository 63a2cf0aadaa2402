// A large file goes piece by piece, and goes on where the line broke. Without script it goes whole.
"use strict";

const chosen = document.getElementById("file");
const form = chosen?.form;
const shown = document.getElementById("upload-progress"); // and what it says, in the reader's language
const bar = document.getElementById("upload-bar");
const said = document.getElementById("upload-said");
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const percent = (state) => Math.floor((100 * state.offset) / state.size);

// What the node refuses for good, with its own words.
class Refused extends Error {}

async function ask(url, options = {}) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(url, {
    ...options, redirect: "error", headers: { ...options.headers, "X-CSRFToken": token },
  });
  if (answer.ok) return answer.json();
  if (answer.status === 409 && options.method === "PATCH") return ask(url);
  if (answer.status >= 500) throw new Error(String(answer.status));
  const why = await answer.json().catch(() => ({ what: shown.dataset.refused }));
  throw new Refused([why.what, why.do].filter(Boolean).join(". "));
}

// Until it is there: a line that is broken now may be well in a minute.
async function patiently(url, options) {
  for (let pause = 1000; ; pause = Math.min(pause * 2, 30000)) {
    try {
      return await ask(url, options);
    } catch (error) {
      if (error instanceof Refused) throw error;
      said.textContent = shown.dataset.broken;
      await wait(pause);
    }
  }
}

async function send(file) {
  const which = new URLSearchParams({ name: file.name, size: file.size, modified: file.lastModified });
  let state = await patiently(shown.dataset.upload, { method: "POST", body: which });
  while (state.offset < state.size) {
    bar.value = percent(state);
    said.textContent = `${percent(state)} %`;
    const body = file.slice(state.offset, state.offset + state.piece);
    state = await patiently(state.url, { method: "PATCH", body, headers: { "Upload-Offset": String(state.offset) } });
  }
  bar.removeAttribute("value");
  said.textContent = shown.dataset.joining;
  while (!state.whole) {
    await wait(700);
    state = await patiently(state.url);
  }
  return state.id;
}

form?.addEventListener("submit", async (event) => {
  const file = chosen.files[0];
  if (!file || file.size <= Number(shown.dataset.piece)) return;
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  shown.hidden = false;
  shown.scrollIntoView({ block: "center" }); // the button is at the other end of the form
  try {
    form.elements.upload.value = await send(file);
    chosen.disabled = true; // it is there: the form brings no file
    form.submit();
  } catch (error) {
    said.textContent = error instanceof Refused ? error.message : shown.dataset.unreadable;
    button.disabled = false;
  }
});
