// The list of calls: "/" goes to the search, j and k walk through the rows.
const search = document.querySelector("#q");
const rows = [...document.querySelectorAll(".calls tbody tr")];
let current = -1;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) return;
  const step = { j: 1, k: -1 }[{ KeyJ: "j", KeyK: "k" }[event.code]];
  if (event.key === "/") search.focus();
  else if (step && rows.length) {
    current = Math.min(Math.max(current + step, 0), rows.length - 1);
    rows[current].querySelector("a").focus();
  } else return;
  event.preventDefault();
});

// Empty filters do not stand in the address.
document.querySelector("form[role=search]").addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

// On a phone the calls come before the filters.
if (matchMedia("(max-width: 52rem)").matches) document.querySelector("details.more").open = false;
