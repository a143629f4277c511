// What every page shares: the theme, copying, short messages, forms that are sent once.
const root = document.documentElement;

export function toast(text) {
  const box = document.createElement("p");
  box.className = "toast";
  box.textContent = text;
  document.querySelector(".toasts").append(box);
  setTimeout(() => box.remove(), 4000);
}

/** POST with the session's token; resolves to the Response, rejects when the network fails. */
export function send(address, fields = {}) {
  const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
  return fetch(address, { method: "POST", headers: { "X-CSRF-Token": token }, body: new URLSearchParams(fields) });
}

document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});

// Where the sections do not fit, the one that is open is in sight.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

for (const one of document.querySelectorAll("[data-address]")) {
  one.textContent = new URL(one.textContent, location.origin).href; // the way this browser has found us
}

for (const one of document.querySelectorAll("[data-copy]")) {
  one.tabIndex = 0;
  one.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(one.textContent);
    toast(one.dataset.copied ?? "✓");
  });
}

// A form is sent once: a second click while the answer is on its way does nothing.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What scrolls and holds nothing to go to is scrolled with the keyboard, too.
const SCROLLED = ".scroll, .sheet section, .graph, .problems";
const OPERATED = "a[href], button, input, select, textarea, summary";
new ResizeObserver(() => {
  for (const box of document.querySelectorAll(SCROLLED)) {
    const longer = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    const hidden = longer && !box.querySelector(OPERATED);
    box.toggleAttribute("tabindex", hidden);
    if (!hidden) continue;
    box.tabIndex = 0;
    box.role = "group";
    box.ariaLabel = box.closest("section, main").querySelector("h1, h2, h3")?.textContent ?? document.title;
  }
}).observe(document.querySelector("main"));

// Escape closes what is open.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const one of document.querySelectorAll("details.me[open]")) one.open = false;
});
