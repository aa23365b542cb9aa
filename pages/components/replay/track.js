// The track: one lane a run, marks above, a post in each lane where its training ended.

export function trackSizes(data, width) {
  const [big, narrow] = [data.present, width < 620];
  const text = big ? 26 : narrow ? 15 : 17;
  const radius = big ? 24 : narrow ? 13 : 17;
  const letters = Math.max(...data.lanes.map((lane) => lane.title.length));
  const left = narrow ? radius : Math.round(letters * text * 0.56) + 2 * radius;
  const right = narrow ? radius + 6 : Math.round(text * 8.2) + radius;
  const head = narrow ? text + 8 : 0; // the name's own line above the lane
  const bar = 2 * radius + 6;
  const wanted = data.height ? (data.height - text - 14) / data.lanes.length : bar + head + (big ? 18 : 12);
  const lane = Math.max(bar + head + 4, wanted);
  const top = text + 12;
  return { narrow, text, radius, left, right, head, bar, lane, top, width, length: width - left - right };
}

// A name is left out where it would touch one that comes before it, and weighs more.
function drawMarks(svg, data, size, bottom) {
  const letter = Math.round(size.text * 0.88);
  const named = [];
  for (const mark of data.marks) {
    const x = size.left + mark.place * size.length;
    shape(svg, "line", { class: "replay-mark", x1: x, x2: x, y1: size.top - 4, y2: bottom });
    if (named.some((other) => Math.abs(other - x) < letter * 3)) continue;
    named.push(x);
    const text = { x, y: size.top - 10, "text-anchor": "middle", "font-size": letter };
    shape(svg, "text", { class: "replay-mark-name", ...text }, mark.text);
  }
}

// What lies still: the lane, its name, the post.
function drawLane(ground, lane, size, row) {
  const top = size.top + row * size.lane + 2;
  const middle = top + size.head + size.bar / 2;
  const base = size.narrow ? top + size.text : middle + size.text * 0.35;
  const place = size.narrow ? { x: 0 } : { x: size.left - size.radius - 8, "text-anchor": "end" };
  shape(ground, "text", { class: "replay-name", y: base, "font-size": size.text, ...place }, lane.title);
  const bar = { y: middle - size.bar / 2, height: size.bar };
  shape(ground, "rect", { class: "replay-lane", x: size.left, width: size.length, rx: 5, ...bar });
  if (lane.post !== null) {
    const x = size.left + lane.post * size.length;
    const half = size.narrow ? size.bar / 2 : size.lane / 2; // posts at one place are one line
    const ends = { x1: x, x2: x, y1: middle - half, y2: middle + half };
    shape(ground, "line", { class: "replay-post", "stroke-width": size.text > 20 ? 5 : 3, ...ends });
  }
  return { lane, middle, base };
}

// What moves: an earlier run, the trail, the runner, its figures.
function drawRunner(above, parts, size) {
  const { lane, base } = parts;
  if (lane.ghost) {
    parts.ghost = plate(above, lane, size.radius, "replay-ghost");
    parts.word = shape(
      parts.ghost,
      "text",
      { y: 5, "font-size": Math.round(size.text * 0.85) },
      lane.ghost.word,
    );
  }
  parts.trail = shape(above, "path", { class: "replay-trail", "stroke-width": size.radius > 20 ? 10 : 7 });
  parts.trail.style.setProperty("--paint", lane.paint);
  if (lane.dash) parts.trail.setAttribute("stroke-dasharray", lane.dash);
  parts.runner = plate(above, lane, size.radius, "replay-runner");
  const right = size.left + size.length + size.radius + 8;
  const side = size.narrow ? { x: size.width, "text-anchor": "end" } : { x: right };
  parts.figure = shape(above, "text", { class: "replay-figure", y: base, "font-size": size.text, ...side });
  const small = { y: base + size.text * 0.95, "font-size": Math.round(size.text * 0.8), ...side };
  parts.below = shape(above, "text", { class: "replay-below", ...small });
}

function moveLane(parts, size, clock) {
  const { lane, middle } = parts;
  const at = (place) => size.left + place * size.length;
  const here = at(valueAt(lane.at, lane.place, clock));
  parts.runner.setAttribute("transform", `translate(${here},${middle})`);
  parts.runner.toggleAttribute("data-waits", lane.waits);
  parts.trail.setAttribute("d", `M${at(0)} ${middle}H${here}`);
  tellLane(parts, size, clock);
  if (!parts.ghost) return;
  const ghost = valueAt(lane.ghost.at, lane.ghost.place, clock);
  parts.ghost.setAttribute("transform", `translate(${at(ghost)},${middle})`);
  parts.word.setAttribute("x", (ghost > 0.7 ? -1 : 1) * (size.radius + 6));
  parts.word.setAttribute("text-anchor", ghost > 0.7 ? "end" : "start");
}

// The figures at the end of a lane; a phone has one line for them, above it.
function tellLane({ lane, figure, below }, size, clock) {
  const done = isDone(lane, clock);
  const ended = [lane.place_word, lane.time].filter(Boolean).join(" · ");
  const first = done ? ended : lane.waits ? "" : percent(valueAt(lane.at, lane.reached, clock));
  const second = done ? lane.mark || lane.result : lane.note;
  figure.toggleAttribute("data-done", done);
  if (size.narrow) {
    figure.textContent = [first, second].filter(Boolean).join(" · ");
    return;
  }
  figure.textContent = first;
  below.textContent = second;
  const shift = first && second ? -0.45 * size.text : second ? -0.95 * size.text : 0;
  for (const line of [figure, below]) line.setAttribute("transform", `translate(0,${shift})`);
}

export function isDone(lane, clock) {
  return lane.seconds !== null && clock >= lane.seconds;
}

// Draws the track anew and returns what moves all runners to a moment.
export function drawTrack(svg, data, width) {
  const size = trackSizes(data, width);
  const height = size.top + data.lanes.length * size.lane + 4;
  resize(svg, width, height);
  const ground = shape(svg, "g", {});
  const lanes = data.lanes.map((lane, row) => drawLane(ground, lane, size, row));
  drawMarks(ground, data, size, height - 4);
  for (const parts of lanes) drawRunner(svg, parts, size);
  return (clock) => {
    for (const parts of lanes) moveLane(parts, size, clock);
  };
}
