// The editor of documents: line numbers, problems as one types, the caret where a problem is, trying without saving.
import { send } from "/static/desk.js";

const WAIT_MS = 500;
const form = document.querySelector("form[data-document]");
const editor = document.querySelector("[data-editor]");
const text = editor.querySelector("textarea");
const numbers = editor.querySelector(".numbers");
const found = document.querySelector("[data-problems]");
const drawing = document.querySelector("[data-drawing]");
const tried = document.querySelector("[data-tried]");
let lines = 0, waiting = 0, asked = 0;
let saved = text.value;

function number() {
  const now = text.value.split("\n").length;
  if (now !== lines) numbers.textContent = Array.from({ length: now }, (_, at) => at + 1).join("\n") + "\n\n";
  lines = now;
  numbers.scrollTop = text.scrollTop;
}

async function check() {
  const mine = ++asked;
  try {
    const answer = await send(editor.dataset.check, { text: text.value, part: "yes" });
    if (!answer.ok || mine !== asked) return; // a later question is under way
    const said = await answer.json();
    found.innerHTML = said.problems; // our own template, escaped on the server
    if (drawing && said.drawing) drawing.innerHTML = said.drawing;
  } catch { /* no network: saving checks it anyway */ }
}

function goTo(line, column) {
  const before = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  const at = before + Math.max(column, 1) - 1;
  text.focus();
  text.setSelectionRange(at, at);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 4) * height);
  text.scrollIntoView({ block: "nearest" });
  number();
}

async function attempt(button) {
  const fields = new FormData(form, button);
  fields.set("part", "yes");
  const answer = await send(button.formAction, fields);
  if (!answer.ok) return;
  tried.innerHTML = await answer.text();
  (tried.querySelector("#reply") ?? tried).focus?.();
  tried.querySelector("li:last-child")?.scrollIntoView({ block: "nearest" });
}

number();
text.addEventListener("scroll", () => { numbers.scrollTop = text.scrollTop; });
text.addEventListener("input", () => {
  number();
  if (!editor.dataset.check) return;
  clearTimeout(waiting);
  waiting = setTimeout(check, WAIT_MS);
});
document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-line]");
  if (!place) return;
  event.preventDefault();
  goTo(Number(place.dataset.line), Number(place.dataset.column ?? 1));
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-try")) {
    event.preventDefault();
    attempt(event.submitter);
  } else saved = text.value;
});
form.addEventListener("keydown", (event) => {
  const field = event.target.id;
  if (event.key === "Enter" && (field === "reply" || field === "number")) {
    event.preventDefault();
    form.querySelector(field === "reply" ? "[data-tried] button[data-try]" : "button[data-try]").click();
  } else if ((event.ctrlKey || event.metaKey) && event.key === "s" && editor.dataset.check) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.primary"));
  }
});
addEventListener("beforeunload", (event) => {
  if (text.value !== saved && !text.readOnly) event.preventDefault();
});
for (const one of document.querySelectorAll("[data-no-script]")) one.hidden = true;
