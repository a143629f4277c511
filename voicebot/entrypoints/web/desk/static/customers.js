// Printing what is made to be printed; forms whose answer is a file may be sent again.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
for (const form of document.querySelectorAll("form[data-again]")) {
  form.addEventListener("submit", () => setTimeout(() => delete form.dataset.sent, 1500));
}
