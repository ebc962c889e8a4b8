// What every staff page needs: the CSRF header, toasts, dialogs, menus and focus after a swap.
const TOAST_MS = 30_000;
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (token) detail.headers["X-CSRF-Token"] = token;
});

// ---- toasts
export function toast(words, tone) {
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.toast = "";
  if (tone) box.dataset.tone = tone;
  const text = document.createElement("span");
  text.textContent = words;
  box.append(text);
  document.getElementById("toasts")?.append(box);
  watchToast(box);
}

function watchToast(box) {
  if (box.dataset.watched) return;
  box.dataset.watched = "yes";
  for (const older of [...document.querySelectorAll("[data-toast]")].slice(0, -3)) older.remove();
  let timer = setTimeout(() => box.remove(), TOAST_MS);
  for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) {
    box.addEventListener(name, () => {
      clearTimeout(timer);
      timer = setTimeout(() => box.remove(), TOAST_MS);
    });
  }
  box.addEventListener("submit", () => setTimeout(() => box.remove()));
}

new MutationObserver(() => document.querySelectorAll("[data-toast]").forEach(watchToast)).observe(document.getElementById("toasts"), {
  childList: true,
  subtree: true,
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  const title = new DOMParser().parseFromString(detail.xhr.responseText, "text/html").querySelector("h1, h2, strong")?.textContent;
  toast(title?.trim() || "That did not work. Please try again.", "bad");
});
document.addEventListener("htmx:sendError", () => toast("There is no connection. Nothing was changed.", "bad"));
document.addEventListener("htmx:timeout", () => toast("The server did not answer in time. Check before you repeat it.", "bad"));

// ---- a press while the same form is still on its way does nothing
document.addEventListener("submit", ({ target }) => {
  if (target.hasAttribute("hx-post") || target.method === "dialog") return;
  setTimeout(() => target.querySelectorAll("button:not([type=button])").forEach((button) => (button.disabled = true)));
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) document.querySelectorAll("form button:disabled").forEach((button) => (button.disabled = false));
});

// ---- dialogs and menus
document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// ---- after a swap: focus where the answer asks for it, and say what is new
function settle(root) {
  const place = root.querySelector?.("[data-focus]") ?? (root.matches?.("[data-focus]") ? root : null);
  place?.focus({ preventScroll: place.hasAttribute("data-focus-still") });
  const words = root.querySelector?.("[data-say]")?.dataset.say;
  if (words) document.getElementById("live").textContent = words;
}
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  settle(detail.elt);
  // the pressed button is gone with what was swapped: go on from the heading, not from the top of the page
  if (detail.requestConfig?.verb === "post" && document.activeElement === document.body) {
    document.querySelector("main h1[tabindex]")?.focus({ preventScroll: true });
  }
});
settle(document);
