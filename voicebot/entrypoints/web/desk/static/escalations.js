// The queue by keyboard: J and K go through it, T takes; on one escalation C calls, N notes, R resolves, Esc goes back.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function step(by) {
  const entries = [...document.querySelectorAll("[data-open]")];
  const here = document.activeElement?.closest("[data-entry]")?.querySelector("[data-open]");
  const next = entries[Math.min(Math.max(entries.indexOf(here) + by, 0), entries.length - 1)];
  next?.focus();
  next?.closest("[data-entry]").scrollIntoView({ block: "nearest" });
}

function press(selector) {
  const entry = document.activeElement?.closest("[data-entry]");
  if (!entry && document.querySelector("[data-entry]")) return; // in the queue, one is chosen first
  (entry ?? document).querySelector(selector)?.click();
}

const keys = {
  KeyJ: () => step(1), // by place on the keyboard: the same keys in Russian and in English
  KeyK: () => step(-1),
  KeyT: () => press("[data-take]"),
  KeyC: () => press("[data-call]"),
  KeyN: () => document.getElementById("text")?.focus(),
  KeyR: () => document.querySelector('[name="resolution"]')?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (typing(event.target)) event.target.blur();
    else document.querySelector("[data-back]")?.click();
    return;
  }
  const act = typing(event.target) ? null : keys[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});
