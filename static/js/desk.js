// The desk: which row is open, list and detail taking turns on a phone, the look-out for new tips.
const LOOK_MS = 900;
const panes = document.querySelector("[data-panes]");
const news = document.getElementById("news");
let shown = "";

function opened() {
  const code = document.querySelector("#detail [data-opened]")?.dataset.opened;
  for (const row of document.querySelectorAll("#list [data-row]")) {
    const current = row.dataset.id === code;
    if (current) {
      row.setAttribute("aria-current", "true");
      row.removeAttribute("data-unread");
      row.scrollIntoView({ block: "nearest" });
    } else row.removeAttribute("aria-current");
  }
  panes.toggleAttribute("data-open", Boolean(code));
  if (code) document.dispatchEvent(new CustomEvent("waypost:selected", { detail: code }));
}

// the next tip may lie beyond the page that the list shows: then the list starts where the work goes on
function decided() {
  document.querySelector("#detail h1")?.focus({ preventScroll: true });
  const back = document.querySelector("#detail [data-back]");
  if (back && !document.querySelector('#list [aria-current="true"]')) window.htmx.ajax("GET", back.href, { target: "#list", swap: "innerHTML" });
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id === "detail") {
    panes.removeAttribute("data-tab");
    opened();
    document.querySelector("#tip-body")?.scrollTo(0, 0);
    if (detail.requestConfig?.verb === "post") decided();
  }
  if (detail.target?.id === "list") {
    news.replaceChildren();
    opened();
  }
});

// ---- a phone shows the list or the tip; a narrow screen the tip or the map
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-context-open]")) panes.dataset.tab = "context";
  if (event.target.closest("[data-context-close]")) panes.removeAttribute("data-tab");
  const back = event.target.closest("[data-back]");
  if (!back) return;
  event.preventDefault();
  panes.removeAttribute("data-open");
  history.pushState(null, "", back.href);
  document.querySelector('[aria-current="true"] > a')?.focus();
});

// ---- a suggestion under the pointer lights up its pin
for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, ({ target }) => {
    const box = target.closest?.("[data-lights]");
    if (box) document.dispatchEvent(new CustomEvent("waypost:light", { detail: { id: box.dataset.lights, on } }));
  });
}

// ---- new tips wait behind a strip: nothing moves under the cursor
async function look() {
  const view = document.querySelector("[data-filter] [name=view]").value;
  const newest = document.querySelector("[data-newest]")?.dataset.newest ?? "";
  const answer = await fetch(`/desk/news?${new URLSearchParams({ view, after: newest })}`, { headers: { "HX-Request": "true" } });
  if (answer.status === 401) news.textContent = "You are signed out. Load the page again.";
  if (answer.status === 200) show(await answer.text());
  if (answer.status === 204) news.replaceChildren();
}

// the same news again must neither take the focus away nor be read out twice
function show(html) {
  if (html === shown && news.firstElementChild) return;
  shown = html;
  news.innerHTML = html;
  window.htmx.process(news);
}

function lookAgain() {
  const looking = document.visibilityState === "visible" ? look() : Promise.resolve();
  looking.catch(() => (news.textContent = "No connection. Trying again.")).finally(() => setTimeout(lookAgain, LOOK_MS));
}

setTimeout(lookAgain, LOOK_MS);
opened();
