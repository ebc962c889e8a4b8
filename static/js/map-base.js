// The ground under the pins: Natural Earth outlines in cells of ten degrees, fetched as the view needs them.
const ROOT = "/static/vendor/basemap";
const DETAIL_ZOOM = 5;
const MOST_CELLS = 16;
const STYLES = {
  land: { className: "map-land", fill: true, fillOpacity: 1, stroke: false },
  coast: { className: "map-coast", fill: false, weight: 1 },
  border: { className: "map-border", fill: false, weight: 1.6, dashArray: "7 3 2 3" },
};

export function addBaseMap(L, map, tileUrl) {
  map.createPane("ground").style.zIndex = 150;
  const credit = L.control.attribution({ prefix: false }).addTo(map);
  if (tileUrl) {
    L.tileLayer(tileUrl, { maxZoom: 19 }).addTo(map);
    return;
  }
  credit.addAttribution("Outline: Natural Earth");
  const renderer = L.svg({ pane: "ground", padding: 0.5 });
  const ground = new Ground(L, map, renderer);
  map.on("moveend", () => ground.refresh());
  ground.refresh();
}

class Ground {
  constructor(L, map, renderer) {
    Object.assign(this, { L, map, renderer, layers: new Map(), index: null });
  }

  async refresh() {
    this.index ??= fetch(`${ROOT}/index.json`).then((answer) => answer.json());
    const { cells, size } = await this.index;
    const wanted = new Set(this.names(size).filter((name) => cells.includes(name)));
    const far = this.map.getZoom() < DETAIL_ZOOM || wanted.size > MOST_CELLS;
    const names = far ? new Set(["world"]) : wanted;
    for (const [name, layer] of this.layers) this.map[names.has(name) ? "addLayer" : "removeLayer"](layer);
    for (const name of names) if (!this.layers.has(name)) this.add(name);
  }

  names(size) {
    const bounds = this.map.getBounds();
    const found = [];
    const first = (value) => Math.floor(value / size) * size;
    for (let lon = first(bounds.getWest()); lon < bounds.getEast(); lon += size)
      for (let lat = first(bounds.getSouth()); lat < bounds.getNorth(); lat += size) found.push(`${lon}_${lat}`);
    return found;
  }

  async add(name) {
    const layer = this.L.geoJSON(null, {
      renderer: this.renderer,
      pane: "ground",
      interactive: false,
      style: ({ properties }) => STYLES[properties.layer],
    }).addTo(this.map);
    this.layers.set(name, layer);
    const answer = await fetch(`${ROOT}/${name}.json`);
    if (answer.ok) layer.addData(await answer.json());
  }
}
