// Adds up what is chosen in a list of vouchers, and prints a page of slips.

for (const form of document.querySelectorAll("[data-choose]")) {
  const boxes = [...form.querySelectorAll("input[data-minor]:not(:disabled)")];
  const told = form.querySelector("[data-chosen]");
  const all = form.querySelector("[data-choose-all]");

  const tell = () => {
    const chosen = boxes.filter((box) => box.checked);
    const digits = Number(told.dataset.digits);
    // amounts stay below 2^53 minor units, so that this sum is exact
    const minor = String(chosen.reduce((sum, box) => sum + Number(box.dataset.minor), 0)).padStart(digits + 1, "0");
    const whole = minor.slice(0, minor.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
    const amount = digits ? `${whole}.${minor.slice(-digits)}` : whole;
    told.textContent = `${chosen.length} of ${boxes.length} chosen, ${told.dataset.currency} ${amount}`;
  };

  all.hidden = false;
  all.addEventListener("click", () => {
    const wanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = wanted;
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
