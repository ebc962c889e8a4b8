// What stands beside the map: the legend, and the same points as a table.
const LEGEND = [
  [{ priority: 1 }, "Tip, by priority (P1 to P4)"],
  [{ many: "", priority: 1 }, "Several, by the most urgent"],
  [{ kind: "case" }, "Case"],
  [{ selected: "" }, "Selected, with its uncertainty"],
  [{ ringed: "" }, "Suggested"],
  [{ kind: "case", faint: "" }, "Linked case"],
];

export function addLegend(L, map) {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    const box = document.createElement("details");
    box.className = "map-legend";
    const title = document.createElement("summary");
    title.textContent = "Legend";
    const list = document.createElement("ul");
    for (const [data, words] of LEGEND) {
      const line = document.createElement("li");
      const pin = document.createElement("div");
      pin.className = "map-pin";
      pin.append(document.createElement("span"));
      Object.assign(pin.dataset, data);
      line.append(pin, words);
      list.append(line);
    }
    box.append(title, list);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  control.addTo(map);
}

export function fillTable(element, features) {
  const body = document.querySelector(`[data-map-table="${element.id}"] tbody`);
  if (!body) return;
  body.replaceChildren(
    ...features.map(({ geometry, properties }) => {
      const row = document.createElement("tr");
      const [lon, lat] = geometry.coordinates;
      const link = document.createElement("a");
      link.textContent = properties.label || properties.id;
      if (properties.href) link.href = properties.href;
      const radius = properties.radius_m ? `±${Math.round(properties.radius_m)} m` : "";
      for (const value of [link, properties.note || "", `${lat.toFixed(5)}, ${lon.toFixed(5)}`, radius]) {
        const cell = document.createElement("td");
        cell.append(value);
        row.append(cell);
      }
      return row;
    }),
  );
}
