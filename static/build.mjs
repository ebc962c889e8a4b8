// Builds static/vendor/ from node_modules: libraries, one icon sprite, the face, the offline base map.
// node static/build.mjs [--force]; run again after adding an icon. The base map is kept while its source stays the same.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildBaseMap } from "./build/basemap.mjs";
import { buildSprite, iconNames } from "./build/icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const packages = join(root, "node_modules");
const vendor = join(here, "vendor");
const force = process.argv.includes("--force");

const COPIES = {
  "htmx.org/dist/htmx.min.js": "htmx.min.js",
  "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
  "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
  "leaflet/dist/images": "leaflet/images",
  "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
  "swagger-ui-dist/swagger-ui-bundle.js": "swagger/swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui.css": "swagger/swagger-ui.css",
};
const LICENCES = ["htmx.org", "leaflet", "@fontsource-variable/inter", "swagger-ui-dist", "lucide-static", "world-atlas"];

function copyLibraries() {
  for (const [from, to] of Object.entries(COPIES)) {
    const target = join(vendor, to);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(packages, from), target, { recursive: true });
  }
  // source maps stay behind, so nothing may point at them
  for (const name of ["leaflet/leaflet.js", "swagger/swagger-ui-bundle.js", "swagger/swagger-ui.css"]) {
    const path = join(vendor, name);
    writeFileSync(path, readFileSync(path, "utf8").replace(/\n?(\/\/|\/\*)# sourceMappingURL=[^\n]*/g, ""));
  }
}

function writeLicences() {
  const texts = LICENCES.map((name) => {
    const folder = join(packages, name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"].map((each) => join(folder, each)).find(existsSync);
    return `${name} ${version} (${license})\n\n${file ? readFileSync(file, "utf8").trim() : ""}\n`;
  });
  writeFileSync(join(vendor, "LICENSES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}

function sources() {
  const templates = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "templates")))
    .map((entry) => join(root, entry.name, "templates"));
  return [...templates, join(here, "js")].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => /\.(html|js)$/.test(name))
      .map((name) => readFileSync(join(folder, name), "utf8")),
  );
}

if (!existsSync(packages)) {
  console.error("node_modules is missing: run `npm ci` first.");
  process.exit(1);
}
mkdirSync(vendor, { recursive: true });
copyLibraries();
writeLicences();
const icons = iconNames(sources());
writeFileSync(join(vendor, "icons.svg"), buildSprite(icons, join(packages, "lucide-static", "icons")));
const cells = buildBaseMap({ packages, target: join(vendor, "basemap"), force });
console.log(`static/vendor: ${icons.length} icons, base map in ${cells} pieces`);
