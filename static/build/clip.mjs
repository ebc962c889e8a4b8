// Clipping to a box [west, south, east, north]: rings stay rings, lines fall into the runs that lie inside.

function edges([west, south, east, north]) {
  return [
    { inside: ([x]) => x >= west, cut: (a, b) => atX(a, b, west) },
    { inside: ([x]) => x <= east, cut: (a, b) => atX(a, b, east) },
    { inside: ([, y]) => y >= south, cut: (a, b) => atY(a, b, south) },
    { inside: ([, y]) => y <= north, cut: (a, b) => atY(a, b, north) },
  ];
}

const atX = ([ax, ay], [bx, by], x) => [x, ay + ((by - ay) * (x - ax)) / (bx - ax)];
const atY = ([ax, ay], [bx, by], y) => [ax + ((bx - ax) * (y - ay)) / (by - ay), y];

// Sutherland and Hodgman: what a concave ring gains along the edge of the box has no area and is never stroked
export function clipRing(ring, box) {
  let kept = ring.slice(0, -1);
  for (const { inside, cut } of edges(box)) {
    const before = kept;
    kept = [];
    before.forEach((point, at) => {
      const previous = before[(at + before.length - 1) % before.length];
      if (inside(point) !== inside(previous)) kept.push(cut(previous, point));
      if (inside(point)) kept.push(point);
    });
  }
  return kept.length ? [...kept, kept[0]] : [];
}

export function clipLine(line, box) {
  let runs = [line];
  for (const edge of edges(box)) runs = runs.flatMap((run) => splitAt(run, edge));
  return runs.filter((run) => run.length > 1);
}

function splitAt(line, { inside, cut }) {
  const runs = [];
  let run = inside(line[0]) ? [line[0]] : [];
  for (let at = 1; at < line.length; at += 1) {
    const [from, to] = [line[at - 1], line[at]];
    if (inside(from) !== inside(to)) run.push(cut(from, to));
    if (inside(to)) run.push(to);
    else if (run.length) {
      runs.push(run);
      run = [];
    }
  }
  return run.length ? [...runs, run] : runs;
}
