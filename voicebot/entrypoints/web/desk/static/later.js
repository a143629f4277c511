// Parts of a page that come later, or again and again: data-later="/address", data-every="seconds".
const token = document.querySelector('meta[name="csrf"]')?.content ?? "";

export async function load(place, address, body, wanted = () => true) {
  const request = body ? { method: "POST", headers: { "X-CSRF-Token": token }, body } : {};
  const answer = await fetch(address, { ...request, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return false;
  const text = await answer.text();
  if (!wanted()) return true; // a later question has been asked meanwhile
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  if (held && held.matches("select, input, textarea")) return true; // somebody is choosing just now
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  place.innerHTML = text; // our own template, escaped on the server
  place.querySelectorAll("details").forEach((one, at) => (one.open ||= open[at] ?? false));
  if (held?.id) document.getElementById(held.id)?.focus();
  const go = place.querySelector("[data-go]");
  if (go) location.assign(go.dataset.go);
  return true;
}

for (const place of document.querySelectorAll("[data-later]")) {
  const every = Number(place.dataset.every ?? 0) * 1000;
  const round = async () => {
    const resting = document.hidden || place.querySelector("[data-rest]"); // nothing will change by itself
    const there = resting || (await load(place, place.dataset.later).catch(() => false));
    if (every && (there || place.isConnected)) setTimeout(round, every);
  };
  round();
}
