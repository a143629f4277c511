// Printing what is made to be printed.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
