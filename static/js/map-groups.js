// Which pins stand so close on the screen that they must share one.

// spots: [{x, y, …}] in pixels. Each group gathers around its first spot, so two groups lie at least `size` apart.
export function groups(spots, size) {
  const found = [];
  const cells = new Map();
  for (const spot of [...spots].sort(byUrgency)) {
    const [column, line] = [Math.floor(spot.x / size), Math.floor(spot.y / size)];
    const near = around(column, line).flatMap((key) => cells.get(key) ?? []);
    const home = near.find(([first]) => Math.abs(first.x - spot.x) < size && Math.abs(first.y - spot.y) < size);
    if (home) {
      home.push(spot);
      continue;
    }
    const group = [spot];
    found.push(group);
    const key = `${column}/${line}`;
    cells.set(key, [...(cells.get(key) ?? []), group]);
  }
  return found;
}

export function mostUrgent(group) {
  return [...group].sort(byUrgency)[0];
}

// A case lies where its best tip does: the two are one thing, not two, and look like the case.
export function pinOf(group) {
  const isCase = ({ feature }) => feature.properties.kind === "case";
  const tips = group.filter((spot) => !isCase(spot));
  const cases = group.length - tips.length;
  const many = tips.length > 1 || cases > 1;
  return { many, count: tips.length || cases, lead: (!many && group.find(isCase)) || mostUrgent(group) };
}

const urgency = ({ feature }) => feature.properties.priority || 9;
const byUrgency = (one, other) => urgency(one) - urgency(other);

function around(column, line) {
  const keys = [];
  for (let x = column - 1; x <= column + 1; x += 1) for (let y = line - 1; y <= line + 1; y += 1) keys.push(`${x}/${y}`);
  return keys;
}
