// Resident pages: a way out, the place by one press, words that live in this page's memory only.
const ESCAPES = 3;
const ESCAPE_MS = 2000;
const LOCATE = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 };
const report = () => document.querySelector("[data-report]");
let escapes = [];

// ---- the way out: nothing stays in the fields, nor behind the back button
function leave(event) {
  event?.preventDefault();
  const target = document.querySelector("[data-leave]").href;
  document.querySelectorAll("form").forEach((each) => each.reset());
  document.querySelector("main").replaceChildren();
  location.replace(target);
}

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  escapes = [...escapes, Date.now()].filter((moment) => Date.now() - moment < ESCAPE_MS);
  if (escapes.length >= ESCAPES) leave();
});
window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
window.addEventListener("online", () => report() && say(""));

// ---- another language: the words written so far come along without being stored anywhere
async function translate(event) {
  const form = report();
  const kept = [...(form?.elements ?? [])].filter(({ name }) => name && name !== "language").map(({ name, value }) => [name, value]);
  if (!kept.some(([name, value]) => value && name !== "once")) return;
  event.preventDefault();
  const open = [...document.querySelectorAll("details")].map((each) => each.open);
  const answer = await fetch(event.currentTarget.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  Object.assign(document.documentElement, { lang: page.documentElement.lang, dir: page.documentElement.dir });
  document.body.replaceChildren(...page.body.childNodes);
  document.querySelectorAll("details").forEach((each, at) => (each.open = Boolean(open[at])));
  for (const [name, value] of kept) if (report().elements[name]) report().elements[name].value = value;
  begin();
}

// ---- where I stand
function offerPosition(form) {
  const place = form.querySelector("[data-position]");
  if (!place || !("geolocation" in navigator) || !window.isSecureContext) return;
  const [use, remove, state] = ["use", "remove", "state"].map((part) => place.querySelector(`[data-position-${part}]`));
  const { lat, lon, accuracy_m: accuracy } = form.elements;
  const show = (words) => {
    use.hidden = Boolean(lat.value);
    remove.hidden = !lat.value;
    state.textContent = words;
  };
  const clear = (words) => {
    lat.value = lon.value = accuracy.value = "";
    show(words);
  };
  const foundWords = () => place.dataset.found.replace("{metres}", accuracy.value || "?");
  use.addEventListener("click", () => {
    show(place.dataset.wait);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        lat.value = coords.latitude.toFixed(6);
        lon.value = coords.longitude.toFixed(6);
        accuracy.value = Math.ceil(coords.accuracy);
        show(foundWords());
        remove.focus();
      },
      () => {
        clear(place.dataset.failed);
        form.elements.place_words.focus();
      },
      LOCATE,
    );
  });
  remove.addEventListener("click", () => {
    clear("");
    use.focus();
  });
  place.hidden = false;
  show(lat.value ? foundWords() : "");
}

// ---- sending: once, with words, and never into the void
function say(words) {
  const notice = report().querySelector("[data-notice]");
  notice.firstElementChild.textContent = words;
  notice.hidden = !words;
}

function check(event) {
  const form = event.currentTarget;
  const empty = !form.elements.text.value.trim();
  if (empty || !navigator.onLine) {
    event.preventDefault();
    say(empty ? form.dataset.missing : form.dataset.offline);
    if (empty) form.elements.text.focus();
    return;
  }
  say("");
  setTimeout(() => (form.querySelector(".btn--primary").disabled = true));
}

// a form that was kept for use without a signal must not repeat the number of an earlier sending
function mark(form) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  form.elements.once.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function begin() {
  const form = report();
  document.querySelector("[data-leave]").addEventListener("click", leave);
  document.querySelectorAll("[data-lang]").forEach((link) => link.addEventListener("click", translate));
  document.querySelector("[data-focus]")?.focus();
  if (!form) return;
  mark(form);
  offerPosition(form);
  form.addEventListener("submit", check);
  form.addEventListener("input", () => say(""));
}

begin();
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
