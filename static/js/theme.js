// Runs before the first paint: appearance, density and the single-key switch of this browser.
(() => {
  const CHOICES = {
    theme: { values: ["", "light", "dark"], words: ["as the device", "light", "dark"] },
    density: { values: ["", "compact"], words: ["comfortable", "compact"] },
    keys: { values: ["", "off"], words: ["on", "off"] },
  };
  const root = document.documentElement;

  function stored(name) {
    try {
      return localStorage.getItem(`waypost.${name}`) || "";
    } catch {
      return ""; // storage is closed in some private windows: the default holds
    }
  }

  function show(name, value) {
    if (value) root.dataset[name] = value;
    else delete root.dataset[name];
    const { values, words } = CHOICES[name];
    for (const place of document.querySelectorAll(`[data-${name}-word]`)) place.textContent = words[Math.max(0, values.indexOf(value))];
  }

  function advance(name) {
    const { values } = CHOICES[name];
    const next = values[(values.indexOf(root.dataset[name] || "") + 1) % values.length];
    try {
      localStorage.setItem(`waypost.${name}`, next);
    } catch {
      // the choice then lasts for this page only
    }
    show(name, next);
  }

  for (const name of Object.keys(CHOICES)) show(name, stored(name));
  document.addEventListener("DOMContentLoaded", () => {
    for (const name of Object.keys(CHOICES)) {
      show(name, root.dataset[name] || "");
      for (const button of document.querySelectorAll(`[data-${name}-choice]`)) button.addEventListener("click", () => advance(name));
    }
  });
})();
