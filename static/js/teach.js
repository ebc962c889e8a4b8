// Teaching the name of a place: the words that are selected in the tip are the words that are taught.
const LONGEST = 120;
const field = () => document.querySelector("#teach-form [name=words]");

function fill(words) {
  const box = field();
  if (!box) return;
  box.value = words;
  for (const button of document.querySelectorAll("[data-teach]")) button.setAttribute("aria-pressed", String(button.dataset.teach === words));
}

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.anchorNode?.parentElement?.closest("#detail .words")) return;
  const words = selection.toString().replace(/\s+/g, " ").trim();
  if (words && words.length <= LONGEST) fill(words);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-teach]");
  if (!button) return;
  fill(button.dataset.teach);
  document.getElementById("f-place-q")?.focus({ preventScroll: true });
});
