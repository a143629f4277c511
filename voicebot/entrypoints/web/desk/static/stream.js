// Keeps a part of the page true: the server sends it anew whenever it has changed.
for (const place of document.querySelectorAll("[data-stream]")) {
  const events = new EventSource(place.dataset.stream);
  events.addEventListener(place.dataset.event, (event) => {
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.innerHTML = event.data; // our own template, escaped on the server
    if (focused) place.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  });
  addEventListener("pagehide", () => events.close());
}
