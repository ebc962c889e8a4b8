// Draws every [data-map]: outline base map, the town's places, tips and cases with their uncertainty, in step with a list.
import { addBaseMap } from "./map-base.js";
import { addLegend, fillTable } from "./map-parts.js";
import { groups, pinOf } from "./map-groups.js";

const SMALL_M = 150;
const PLACE_ZOOM = 10;
const TARGET_PX = 24;
const FIT_ZOOM = 14;
const MOST_FEATURES = 2000;
const L = window.L;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const maps = new Map();

async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
}

async function source(features) {
  return features.startsWith("#") ? JSON.parse(document.querySelector(features).textContent) : json(features);
}

class TipMap {
  constructor(element) {
    this.element = element;
    this.list = element.dataset.list ? document.querySelector(element.dataset.list) : null;
    this.markers = new Map();
    this.places = [];
    this.features = [];
    this.map = L.map(element, {
      zoomControl: false,
      attributionControl: false,
      minZoom: 2,
      maxZoom: 18,
      zoomAnimation: !still,
      fadeAnimation: !still,
      markerZoomAnimation: !still,
      worldCopyJump: true,
    });
    L.control.zoom({ position: "topright" }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    const { lat, lon, radiusKm, tileUrl } = element.dataset;
    this.home = [Number(lat) || 0, Number(lon) || 0, Number(radiusKm) || 0];
    this.frame(...this.home);
    addBaseMap(L, this.map, tileUrl);
    this.circles = L.layerGroup().addTo(this.map);
    this.pins = L.layerGroup().addTo(this.map);
    this.map.on("zoomend", () => this.draw());
    addLegend(L, this.map);
    if (element.dataset.pick) this.pickInto(document.querySelector(element.dataset.pick));
    this.seen = element.clientWidth > 0;
    new ResizeObserver(() => this.resize()).observe(element);
  }

  // a map that was hidden had no size to frame anything in
  resize() {
    this.map.invalidateSize({ pan: false });
    if (this.seen || !this.element.clientWidth) return;
    this.seen = true;
    this.frame(...this.home);
    this.thinPlaces();
    if (this.selected) this.select(this.selected);
  }

  frame(lat, lon, radiusKm) {
    this.map.setView([lat, lon], radiusKm ? 12 : 2);
    if (radiusKm) this.map.fitBounds(L.latLng(lat, lon).toBounds(radiusKm * 700));
  }

  // places and points come apart: without the one, the other is still worth having
  async load() {
    const { places, features } = this.element.dataset;
    const parts = await Promise.allSettled([
      places && json(places).then((found) => this.addPlaces(found)),
      features && source(features).then((found) => this.show(found)),
    ]);
    const failed = parts.find(({ status }) => status === "rejected");
    if (failed) throw failed.reason;
  }

  addPlaces({ places, centre, radius_km: radiusKm }) {
    if (!this.element.dataset.lat && centre) {
      this.home = [centre[0], centre[1], radiusKm];
      this.frame(...this.home);
    }
    if (radiusKm && centre) L.circle(centre, { radius: radiusKm * 1000, className: "map-area", weight: 1, interactive: false }).addTo(this.map);
    this.places = places.map((place) => this.addPlace(place));
    this.map.on("zoomend moveend", () => this.thinPlaces());
    this.thinPlaces();
  }

  addPlace({ name, lat, lon, kind }) {
    const label = document.createElement("div");
    label.append(Object.assign(document.createElement("span"), { textContent: name }));
    const rank = ["town", "city", "crossing", "border", "bridge"].includes(kind) ? 1 : 2;
    const icon = L.divIcon({ html: label.firstChild, className: "map-place", iconSize: null, iconAnchor: [3, 6] });
    const marker = L.marker([lat, lon], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(this.map);
    marker.getElement().dataset.rank = rank;
    return { marker, rank, width: 10 + name.length * 6.2 };
  }

  // names that would lie upon one another keep their dot and lose their words until there is room
  thinPlaces() {
    const taken = [];
    for (const { marker, rank, width } of [...this.places].sort((a, b) => a.rank - b.rank)) {
      const { x, y } = this.map.latLngToContainerPoint(marker.getLatLng());
      const box = [x - 3, y - 7, x + width, y + 7];
      const free = taken.every((other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1]);
      const show = free && (rank === 1 || this.map.getZoom() >= PLACE_ZOOM);
      if (show) taken.push(box);
      marker.getElement().toggleAttribute("data-hidden", !show);
    }
  }

  show(collection) {
    this.circles.clearLayers();
    this.features = collection.features.filter(({ geometry }) => geometry?.type === "Point").slice(0, MOST_FEATURES);
    fillTable(this.element, this.features);
    const picked = this.features.find(({ properties }) => properties.selected);
    this.selected = picked?.properties.id ?? this.selected;
    this.draw();
    if (this.selected) this.select(this.selected, false);
    else if (this.element.dataset.fit !== undefined && this.features.length) this.fit(this.features);
  }

  fit(features) {
    const places = features.map(({ geometry }) => [geometry.coordinates[1], geometry.coordinates[0]]);
    this.map.fitBounds(places, { maxZoom: FIT_ZOOM, padding: [TARGET_PX, TARGET_PX], animate: !still });
  }

  // pins that would lie upon one another stand as one with a count; it opens when pressed
  draw() {
    this.pins.clearLayers();
    this.markers.clear();
    const spots = this.features.map((feature) => {
      const [lon, lat] = feature.geometry.coordinates;
      const { x, y } = this.map.project([lat, lon]);
      return { feature, at: [lat, lon], x, y };
    });
    for (const group of groups(spots, TARGET_PX + 2)) this.addPin(group);
    this.mark();
  }

  addPin(group) {
    const { many, count, lead } = pinOf(group);
    const { kind = "tip", priority, label, id, href, note } = lead.feature.properties;
    const face = document.createElement("span");
    face.textContent = many ? count : kind === "case" ? "C" : priority || "";
    const words = many ? `${count} here, first ${label || id}` : [label || id, note].filter(Boolean).join(", ");
    const icon = L.divIcon({ html: face, className: "map-pin", iconSize: [TARGET_PX, TARGET_PX] });
    const pin = L.marker(lead.at, { icon, title: words, alt: words, riseOnHover: true });
    this.pins.addLayer(pin);
    const element = pin.getElement();
    Object.assign(element.dataset, { kind: many ? "tip" : kind, priority: priority || "" });
    element.toggleAttribute("data-many", many);
    element.toggleAttribute("data-faint", group.every(({ feature }) => feature.properties.faint));
    element.toggleAttribute("data-ringed", group.some(({ feature }) => feature.properties.ringed));
    const open = () => (many && this.map.getZoom() < this.map.getMaxZoom() ? this.open(group) : this.choose(id, href));
    pin.on("click", open);
    pin.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && open());
    for (const { feature, at } of group) this.markers.set(feature.properties.id, { pin, properties: feature.properties, at });
  }

  open(group) {
    const bounds = L.latLngBounds(group.map(({ at }) => at));
    const zoom = Math.max(this.map.getZoom() + 2, this.map.getBoundsZoom(bounds.pad(0.3)));
    this.map.setView(bounds.getCenter(), Math.min(zoom, this.map.getMaxZoom()), { animate: !still });
  }

  choose(id, href) {
    const row = this.list?.querySelector(`[data-id="${CSS.escape(id)}"] > a`);
    if (row) row.click();
    else if (href) location.assign(href);
  }

  // pans only when the place lies out of sight: the picture stays where the officer left it
  select(id, pan = true) {
    this.selected = id;
    this.circles.clearLayers();
    const found = this.mark();
    if (!found) return;
    const { at, properties } = found;
    if (properties.radius_m > SMALL_M) {
      this.circles.addLayer(L.circle(at, { radius: properties.radius_m, className: "map-circle", weight: 1, interactive: false }));
    }
    if (!this.map.getBounds().pad(-0.1).contains(at)) {
      if (pan) this.map.panTo(at, { animate: !still });
      else this.map.setView(at, Math.max(this.map.getZoom(), 11), { animate: false });
    }
  }

  mark() {
    for (const { pin } of this.markers.values()) pin.getElement()?.removeAttribute("data-selected");
    const found = this.markers.get(this.selected);
    found?.pin.setZIndexOffset(1000).getElement()?.setAttribute("data-selected", "");
    return found;
  }

  light(id, on) {
    this.markers.get(id)?.pin.getElement()?.toggleAttribute("data-lit", on);
  }

  pickInto(form) {
    const { lat, lon } = form.elements;
    let cross = null;
    const mark = (place) => {
      cross?.remove();
      cross = L.circleMarker(place, { radius: 8, className: "map-circle" }).addTo(this.map);
    };
    if (lat.value && lon.value) mark([Number(lat.value), Number(lon.value)]);
    this.map.on("click", ({ latlng }) => {
      lat.value = latlng.lat.toFixed(6);
      lon.value = latlng.lng.toFixed(6);
      mark(latlng);
    });
  }
}

// a map in a closed part of the page is not worth its places before somebody opens it
function start(element) {
  const closed = element.closest("details:not([open])");
  if (!closed) return begin(element);
  if (closed.dataset.holdsMap) return undefined;
  closed.dataset.holdsMap = "yes";
  return closed.addEventListener("toggle", () => begin(element), { once: true });
}

function begin(element) {
  maps.get(element.id)?.map.remove();
  const map = new TipMap(element);
  maps.set(element.id, map);
  map.load().catch(() => {
    const words = document.createElement("p");
    words.className = "notice";
    words.textContent = "Part of the map could not be loaded. The table below has what is known.";
    element.after(words);
  });
}

// a swap may bring new points for a map that stays where it is
function adopt(root) {
  for (const source of root.querySelectorAll("script[data-map-features]")) {
    maps.get(source.dataset.mapFeatures)?.show(JSON.parse(source.textContent));
    source.remove();
  }
}

for (const element of document.querySelectorAll("[data-map]")) start(element);
document.addEventListener("htmx:afterSettle", () => {
  for (const element of document.querySelectorAll("[data-map]:not(.leaflet-container)")) start(element);
  adopt(document);
});
document.addEventListener("waypost:selected", ({ detail }) => maps.forEach((map) => map.select(detail)));
document.addEventListener("waypost:light", ({ detail }) => maps.forEach((map) => map.light(detail.id, detail.on)));
