// Keeps a part of the page true: the server sends it anew whenever it has changed.
for (const place of document.querySelectorAll("[data-stream]")) {
  const events = new EventSource(place.dataset.stream);
  events.addEventListener(place.dataset.event, (event) => {
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const [id, href] = [focused?.id, focused?.getAttribute("href")];
    place.innerHTML = event.data; // our own template, escaped on the server
    if (id) document.getElementById(id)?.focus();
    else if (href) place.querySelector(`[href="${CSS.escape(href)}"]`)?.focus();
  });
  events.addEventListener("over", () => events.close());
  addEventListener("pagehide", () => events.close());
}
