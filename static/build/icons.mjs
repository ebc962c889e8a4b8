// One SVG sprite with only the icons that templates and modules name.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const NAMED = [
  /\bicon\(\s*["']([a-z0-9-]+)["']/g,
  /\bicon_name\s*=\s*["']([a-z0-9-]+)["']/g,
  /["']icon["']:\s*["']([a-z0-9-]+)["']/g,
  /\bevent\(\s*["']([a-z0-9-]+)["']/g,
  /data-icon=["']([a-z0-9-]+)["']/g,
];
// icon({"good": "circle-check", …}.get(tone, "info")): every value of the dictionary
const CHOSEN = /\bicon\(\s*\{([^}]*)\}/g;

export function iconNames(texts) {
  const names = new Set(["info"]);
  for (const text of texts) {
    for (const pattern of NAMED) for (const [, name] of text.matchAll(pattern)) names.add(name);
    for (const [, pairs] of text.matchAll(CHOSEN)) for (const [, name] of pairs.matchAll(/:\s*["']([a-z0-9-]+)["']/g)) names.add(name);
  }
  return [...names].sort();
}

export function buildSprite(names, folder) {
  const symbols = names.map((name) => {
    const path = join(folder, `${name}.svg`);
    if (!existsSync(path)) throw new Error(`There is no icon called ${name}: see https://lucide.dev/icons`);
    const body = readFileSync(path, "utf8").replace(/<!--.*?-->/gs, "").match(/<svg[^>]*>(.*)<\/svg>/s)[1];
    return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}
