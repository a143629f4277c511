// The wizard: whatever changes is kept and counted anew; small forms answer in their own place.
import { load } from "/static/later.js";

const form = document.querySelector("form[data-count]");
const count = document.getElementById("count");
if (form && count) {
  let waiting = 0;
  const counting = async () => {
    const number = (count.asked = (count.asked ?? 0) + 1);
    count.setAttribute("aria-busy", "true");
    const typed = new URLSearchParams(new FormData(form));
    await load(count, form.dataset.count, typed, () => count.asked === number).catch(() => false);
    if (count.asked === number) count.removeAttribute("aria-busy");
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(counting, 600);
  };
  form.addEventListener("change", later);
  form.addEventListener("input", later);
}

document.addEventListener("submit", async (event) => {
  const place = event.target.dataset.part && document.getElementById(event.target.dataset.part);
  if (!place) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(event.target));
  document.activeElement?.blur();
  await load(place, event.target.action, fields);
});

for (const one of document.querySelectorAll("form[data-sure]")) {
  one.addEventListener("submit", (event) => {
    if (!confirm(one.dataset.sure)) event.preventDefault();
  });
}
