// The pure parts of the front end: clipping, grouping, icon names.
import assert from "node:assert/strict";
import { test } from "node:test";

import { clipLine, clipRing } from "../../static/build/clip.mjs";
import { buildSprite, iconNames } from "../../static/build/icons.mjs";
import { groups, mostUrgent, pinOf } from "../../static/js/map-groups.js";

const BOX = [0, 0, 10, 10];
const area = (ring) => Math.abs(ring.slice(1).reduce((sum, [x, y], at) => sum + ring[at][0] * y - x * ring[at][1], 0)) / 2;
const spot = (x, y, priority, id = `${x},${y}`) => ({ x, y, feature: { properties: { id, priority } } });

test("a ring inside the box stays as it is", () => {
  const ring = [[1, 1], [9, 1], [9, 9], [1, 1]];
  assert.equal(area(clipRing(ring, BOX)), area(ring));
});

test("a ring over the edge is cut and closed", () => {
  const cut = clipRing([[-5, 2], [5, 2], [5, 8], [-5, 8], [-5, 2]], BOX);
  assert.equal(area(cut), 30);
  assert.deepEqual(cut[0], cut.at(-1));
});

test("a ring around the box becomes the box, one outside nothing", () => {
  assert.equal(area(clipRing([[-5, -5], [15, -5], [15, 15], [-5, 15], [-5, -5]], BOX)), 100);
  assert.deepEqual(clipRing([[20, 20], [30, 20], [30, 30], [20, 20]], BOX), []);
});

test("a line that leaves and comes back falls into two", () => {
  assert.deepEqual(clipLine([[5, 5], [15, 5], [15, 6], [5, 6]], BOX), [[[5, 5], [10, 5]], [[10, 6], [5, 6]]]);
});

test("a line that only passes keeps its inner part", () => {
  assert.deepEqual(clipLine([[-10, 5], [20, 5]], BOX), [[[0, 5], [10, 5]]]);
});

test("pins close together share one, and every pin is in one group", () => {
  const spots = [spot(0, 0, 3), spot(5, 5, 1), spot(100, 100, 2), spot(26, 0, 4)];
  const found = groups(spots, 26);
  assert.equal(found.flat().length, spots.length);
  assert.equal(found.length, 2);
  assert.equal(mostUrgent(found.find((group) => group.length === 3)).feature.properties.priority, 1);
});

test("groups lie at least a finger apart", () => {
  const spots = Array.from({ length: 300 }, (_, at) => spot((at * 37) % 211, (at * 53) % 197, (at % 4) + 1, at));
  const firsts = groups(spots, 26).map(([first]) => first);
  for (const [at, one] of firsts.entries())
    for (const other of firsts.slice(at + 1)) assert.ok(Math.abs(one.x - other.x) >= 26 || Math.abs(one.y - other.y) >= 26);
});

test("a case and its only tip are one pin, several tips a count without the case", () => {
  const of = (kind, id) => ({ x: 0, y: 0, feature: { properties: { id, kind } } });
  const alone = pinOf([of("tip", "t"), of("case", "c")]);
  assert.deepEqual([alone.many, alone.lead.feature.properties.id], [false, "c"]);
  const several = pinOf([of("case", "c"), of("tip", "t"), of("tip", "u")]);
  assert.deepEqual([several.many, several.count], [true, 2]);
  assert.deepEqual([pinOf([of("case", "c"), of("case", "d")]).many, pinOf([of("tip", "t")]).many], [true, false]);
});

test("icons are found wherever a template or module names one", () => {
  const text = `{{ icon("gem") }} {{ ui.button("x", icon_name="plus") }} {"icon": "fuel"} {% call ui.event('inbox', x) %} icon({"a": "flag"}.get(t, "info"))`;
  assert.deepEqual(iconNames([text]), ["flag", "fuel", "gem", "inbox", "info", "plus"]);
});

test("an icon that does not exist stops the build", () => {
  assert.throws(() => buildSprite(["no-such-icon"], "/nowhere"), /no icon called no-such-icon/);
});
