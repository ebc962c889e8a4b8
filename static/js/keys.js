// Single keys press the visible control that carries data-key; [data-rows] lists are walked with j and k.
// Off while typing or composing, with modifiers, in dialogs, and when the person switched them off.
const SEQUENCE_MS = 1200;
const TYPES = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
let begun = "";
let timer = 0;

const visible = (element) => element.checkVisibility?.() ?? element.getClientRects().length > 0;
const switchedOff = () => document.documentElement.dataset.keys === "off";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || switchedOff()) return;
  if (event.target.closest?.(TYPES)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (event.repeat && !(event.key in STEPS)) return; // a key held down decides once
  if (press(event.key) || walk(event)) event.preventDefault();
});

function press(key) {
  if (key === "?") return showHelp();
  const wanted = begun ? `${begun} ${key}` : key;
  clearTimeout(timer);
  begun = "";
  const target = find(wanted);
  if (target) return act(target);
  if (document.querySelector(`[data-key^="${CSS.escape(wanted)} "]`)) {
    begun = wanted;
    timer = setTimeout(() => (begun = ""), SEQUENCE_MS);
    return true;
  }
  return false;
}

function find(key) {
  if (key === "u") {
    const undo = [...document.querySelectorAll("[data-undo]")].pop();
    if (undo) return undo;
  }
  return [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && !each.disabled && visible(each));
}

function act(target) {
  if (target.matches(TYPES)) {
    target.focus();
    target.select?.();
  } else if (target.matches("summary, dialog, [tabindex]")) {
    target.focus();
    if (target.matches("summary")) target.click();
  } else target.click();
  return true;
}

function walk(event) {
  const list = document.querySelector("[data-rows]");
  if (!list) return false;
  const links = [...list.querySelectorAll("[data-row] > a")].filter(visible);
  const open = links.findIndex((link) => link.closest("[data-row]").getAttribute("aria-current") === "true");
  const at = open >= 0 ? open : links.indexOf(document.activeElement);
  if (event.key in STEPS && links.length) {
    if (event.key.startsWith("Arrow") && !list.contains(document.activeElement) && document.activeElement !== document.body) return false;
    const next = links[Math.min(links.length - 1, Math.max(0, at + STEPS[event.key]))];
    next.scrollIntoView({ block: "nearest" });
    // a row that swaps in beside the list opens at once; one that leads to another page waits for Enter
    if (!next.hasAttribute("hx-get")) next.focus();
    else if (next !== links[at]) next.click();
    return true;
  }
  const box = event.key === "x" && document.activeElement?.closest("[data-row]")?.querySelector("[data-tick]");
  if (box) {
    box.click();
    return true;
  }
  if (event.key === "Escape" && at >= 0) {
    document.querySelector("[data-back]")?.click();
    links[at].focus();
    return true;
  }
  if (event.key === "Enter" && list.contains(document.activeElement) === false && document.activeElement === document.body) {
    document.querySelector("#detail h1")?.focus();
    return true;
  }
  return false;
}

// ---- help
document.querySelector("[data-help]")?.addEventListener("click", showHelp);

function showHelp() {
  const body = document.querySelector("[data-key-rows]");
  if (!body) return false;
  const rows = [["?", "These shortcuts"]];
  if (document.querySelector("[data-rows]")) rows.push(["j / k", "Next, previous"], ["Enter / Esc", "To the detail, back to the list"]);
  if (document.querySelector("[data-tick]")) rows.push(["x", "Tick the row"]);
  for (const each of document.querySelectorAll("[data-key]")) {
    const { key } = each.dataset;
    if (key !== "?" && visible(each) && !rows.some(([known]) => known === key)) rows.push([key, words(each)]);
  }
  body.replaceChildren(...rows.map(row));
  document.getElementById("key-help").showModal();
  return true;
}

function words(control) {
  const own = control.cloneNode(true);
  own.querySelectorAll("kbd").forEach((each) => each.remove());
  return control.dataset.keyLabel || control.getAttribute("aria-label") || own.textContent.trim();
}

function row([key, meaning]) {
  const line = document.createElement("tr");
  const [left, right] = [document.createElement("td"), document.createElement("td")];
  const cap = document.createElement("kbd");
  cap.className = "kbd";
  cap.textContent = key;
  left.append(cap);
  right.textContent = meaning;
  line.append(left, right);
  return line;
}
