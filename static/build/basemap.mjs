// The offline base map: Natural Earth land, coasts and borders as GeoJSON, cut into cells of 10 degrees.
// A town needs one to four cells; the whole world at 1:110m serves the far zooms.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { feature, mesh } from "topojson-client";

import { clipLine, clipRing } from "./clip.mjs";

const CELL = 10;
const DIGITS = 3;
const POLAR = -85;
const SCHEME = 2; // raise when the format of the pieces changes

const round = (value) => Number(value.toFixed(DIGITS));
const points = (list) => list.map(([lon, lat]) => [round(lon), round(lat)]);

export function buildBaseMap({ packages, target, force }) {
  const source = join(packages, "world-atlas");
  const version = `${JSON.parse(readFileSync(join(source, "package.json"), "utf8")).version}/${SCHEME}`;
  const index = join(target, "index.json");
  if (!force && existsSync(index)) {
    const present = JSON.parse(readFileSync(index, "utf8"));
    if (present.version === version) return present.cells.length;
  }
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const world = layers(read(source, "countries-110m.json"));
  writeFileSync(join(target, "world.json"), JSON.stringify(collection(world)));
  const cells = cut(layers(read(source, "countries-10m.json")));
  for (const [name, cell] of cells) writeFileSync(join(target, `${name}.json`), JSON.stringify(collection(cell)));
  writeFileSync(index, JSON.stringify({ version, size: CELL, cells: [...cells.keys()] }));
  return cells.size;
}

function read(folder, name) {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

function layers(topology) {
  const { countries, land } = topology.objects;
  const polygons = feature(topology, land).features.flatMap(({ geometry }) =>
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates,
  );
  return {
    land: polygons.map((rings) => rings.map(unroll)),
    coast: mesh(topology, land).coordinates.map(unroll),
    border: mesh(topology, countries, (one, other) => one !== other).coordinates,
  };
}

// a line that crosses the date line goes on beyond 180 degrees instead of round the world
function unroll(line) {
  if (line.some(([, lat]) => lat < POLAR)) return line;
  let turn = 0;
  return line.map(([lon, lat], at) => {
    if (at && Math.abs(lon - line[at - 1][0]) > 180) turn += lon < 0 ? 360 : -360;
    return [lon + turn, lat];
  });
}

function cut({ land, coast, border }) {
  const cells = new Map();
  const cellOf = (x, y) => {
    const name = `${x}_${y}`;
    if (!cells.has(name)) cells.set(name, { land: [], coast: [], border: [] });
    return cells.get(name);
  };
  for (const rings of land) {
    for (const box of boxes(rings[0])) {
      const kept = rings.map((ring) => clipRing(ring, box)).filter((ring) => ring.length >= 4);
      if (kept.length) cellOf(box[0], box[1]).land.push(kept);
    }
  }
  for (const [layer, lines] of Object.entries({ coast, border })) {
    for (const line of lines) for (const box of boxes(line)) cellOf(box[0], box[1])[layer].push(...clipLine(line, box));
  }
  return cells;
}

function boxes(line) {
  const lons = line.map(([lon]) => lon);
  const lats = line.map(([, lat]) => lat);
  const first = (values) => Math.floor(values.reduce((a, b) => Math.min(a, b)) / CELL) * CELL;
  const last = (values) => values.reduce((a, b) => Math.max(a, b));
  const found = [];
  for (let x = first(lons); x <= last(lons) && x < 180; x += CELL)
    for (let y = first(lats); y <= last(lats) && y < 90; y += CELL) found.push([x, y, x + CELL, y + CELL]);
  return found;
}

function collection({ land, coast, border }) {
  const piece = (layer, type, coordinates) => ({ type: "Feature", properties: { layer }, geometry: { type, coordinates } });
  return {
    type: "FeatureCollection",
    features: [
      piece("land", "MultiPolygon", land.map((rings) => rings.map(points))),
      piece("coast", "MultiLineString", coast.map(points)),
      piece("border", "MultiLineString", border.map(points)),
    ].filter(({ geometry }) => geometry.coordinates.length),
  };
}
