// Loss and accuracy beside the track, drawn as far as the clock has come.

const PANELS = [
  { name: "loss", title: "loss (log scale)", scale: Math.log10, text: (value) => `${value}` },
  { name: "accuracy", title: "accuracy", scale: (value) => value, text: (value) => percent(value, 0) },
];

// Round values within the range, none so near another that their figures touch.
function ticksOf(panel, low, high, room) {
  const offered =
    panel.name === "loss" ? [1, 0.1, 0.01, 0.001, 3, 0.3, 0.03] : [1, 0.9, 0.95, 0.8, 0.5, 0.7, 0.6, 0.2];
  const at = (value) => (panel.scale(value) - low) / (high - low);
  const chosen = [];
  for (const value of offered.filter((tick) => at(tick) >= 0 && at(tick) <= 1))
    if (chosen.every((other) => Math.abs(at(other) - at(value)) >= room)) chosen.push(value);
  return chosen;
}

// The values' range; the lowest twentieth of accuracies, a run's first steps, may leave it below.
function rangeOf(panel, lanes) {
  const values = lanes.flatMap((lane) => lane[panel.name]).filter((value) => value > 0);
  values.sort((one, other) => one - other);
  if (!values.length) return [panel.scale(0.5), panel.scale(1)];
  if (panel.name === "accuracy") return [Math.min(0.95, values[Math.floor(values.length / 20)]), 1.003];
  return [panel.scale(values[0]) - 0.05, panel.scale(values.at(-1)) + 0.05];
}

function drawPanel(svg, panel, box, data, clip) {
  const [low, high] = rangeOf(panel, data.lanes);
  const y = (value) => box.y + box.height * (1 - (panel.scale(value) - low) / (high - low));
  const x = (time) => box.x + (box.width * time) / data.seconds;
  const small = { "font-size": box.text };
  const title = box.names ? `${panel.title}, 0 to ${seconds(data.seconds)} s` : panel.title;
  shape(svg, "text", { class: "replay-axis", x: box.x, y: box.y - box.text * 0.5, ...small }, title);
  for (const tick of ticksOf(panel, low, high, (1.1 * box.text) / box.height)) {
    shape(svg, "line", { class: "replay-grid", x1: box.x, x2: box.x + box.width, y1: y(tick), y2: y(tick) });
    const text = { x: box.x - 6, y: y(tick) + box.text * 0.33, "text-anchor": "end", ...small };
    shape(svg, "text", { class: "replay-axis", ...text }, panel.text(tick));
  }
  const drawn = shape(svg, "g", { "clip-path": `url(#${clip})` });
  const rect = shape(shape(svg, "clipPath", { id: clip }), "rect", {
    x: box.x,
    y: box.y,
    height: box.height,
  });
  const tips = data.lanes.map((lane) => {
    const points = lane.at.map((time, place) => [time, lane[panel.name][place]]);
    const known = points.filter(([, value]) => value !== null && (panel.name !== "loss" || value > 0));
    const line = known.map(([time, value]) => `${x(time).toFixed(1)} ${y(value).toFixed(1)}`).join("L");
    const path = shape(drawn, "path", { class: "replay-curve", d: line && `M${line}` });
    path.style.setProperty("--paint", lane.paint);
    if (lane.dash) path.setAttribute("stroke-dasharray", lane.dash);
    return tipOf(svg, lane, known, box, { x, y });
  });
  return (clock) => {
    rect.setAttribute("width", Math.max(0, x(clock) - box.x));
    placeTips(tips, clock, box);
  };
}

// A curve's name at its end: the framework's number.
function tipOf(svg, lane, known, box, { x, y }) {
  const text = { class: "replay-tip", "font-size": box.names ? box.text : box.text + 1, "font-weight": 700 };
  const node = shape(svg, "text", text, box.names ? lane.title : lane.number);
  node.style.setProperty("--paint", lane.paint);
  const times = known.map(([time]) => time);
  const inside = (height) => Math.min(Math.max(height, box.y), box.y + box.height);
  const values = known.map(([, value]) => inside(y(value)));
  return {
    node,
    times,
    letters: node.textContent.length,
    at: (clock) => [x(Math.min(clock, times.at(-1) ?? 0)), valueAt(times, values, clock)],
  };
}

// Names that would lie on each other give way, up or down to where there is room.
function placeTips(tips, clock, box) {
  const taken = [];
  for (const { node, times, at, letters } of tips) {
    const visible = times.length > 0 && clock >= times[0];
    node.toggleAttribute("data-off", !visible);
    if (!visible) continue;
    const [x, y] = at(clock);
    const end = x + letters * box.text * 0.6;
    const free = (shift) =>
      taken.every((other) => other.x > end || other.end < x || Math.abs(other.y - y - shift) >= box.text) &&
      y + shift > box.y - 5 &&
      y + shift < box.y + box.height + 5;
    const shifts = tips.flatMap((_, row) => [row * box.text, -row * box.text]);
    const place = { x, end, y: y + (shifts.find(free) ?? 0) };
    taken.push(place);
    node.setAttribute("x", x + 5);
    node.setAttribute("y", place.y + box.text * 0.35);
  }
}

function panelSizes(data, width, height) {
  const [narrow, big] = [width < 620, data.present];
  const text = big ? 24 : 13;
  const row = !height ? text * 2.4 + 120 : narrow ? height / 2 : height;
  const each = narrow ? width : (width - 24) / 2;
  return { narrow, big, text, row, each, left: text * (big ? 2.6 : 4), right: big ? text * 5.6 : text * 1.6 };
}

// Draws both panels anew, one above the other where it is narrow, and returns what lets them grow to a
// moment. `height` is what they may take, where a track stands beside or above them.
export function drawCurves(svg, data, width, height) {
  const { narrow, big, text, row, each, left, right } = panelSizes(data, width, height);
  const total = (narrow ? 2 : 1) * row;
  resize(svg, width, total);
  const grow = PANELS.map((panel, place) => {
    const [across, down] = narrow ? [0, place * row] : [place * (each + 24), 0];
    const corner = { x: left + across, y: text * 1.6 + down };
    const box = { ...corner, width: each - left - right, height: row - text * 2.4, text, names: big };
    return drawPanel(svg, panel, box, data, `${data.id}-${panel.name}`);
  });
  // Of a race that goes on all is shown that is known: its clock is that of one run alone.
  return (clock) => {
    for (const draw of grow) draw(data.live ? data.seconds : clock);
  };
}
