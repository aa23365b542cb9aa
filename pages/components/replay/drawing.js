// Shapes, and the way from a moment to a place. The files of this folder are joined into one module.

const SVG = "http://www.w3.org/2000/svg";

export function shape(parent, name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

// Empties a picture and gives it a size in pixels.
export function resize(svg, width, height) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.width = `${width}px`;
  svg.style.height = `${height}px`;
}

export function tag(parent, name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

// The value at a moment, on straight lines between the points; a curve begins at nought.
export function valueAt(times, values, clock) {
  if (!times.length || clock >= times.at(-1)) return values.at(-1) ?? 0;
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= clock) low = middle + 1;
    else high = middle;
  }
  const [t0, v0] = low ? [times[low - 1], values[low - 1]] : [0, 0];
  const share = times[low] > t0 ? (clock - t0) / (times[low] - t0) : 1;
  return v0 + (values[low] - v0) * Math.min(1, Math.max(0, share));
}

export function percent(fraction, digits = 1) {
  return `${(100 * fraction).toFixed(digits)} %`;
}

export function seconds(value) {
  return value >= 100 ? `${Math.round(value)}` : value.toFixed(1);
}

// A round plate with the framework's number, around the origin of its group.
export function plate(parent, lane, radius, className) {
  const group = shape(parent, "g", { class: className });
  group.style.setProperty("--paint", lane.paint);
  shape(group, "circle", { r: radius, "stroke-width": radius > 20 ? 4 : 2 });
  const size = Math.round(radius * 1.2);
  shape(
    group,
    "text",
    { y: Math.round(size * 0.36), "text-anchor": "middle", "font-size": size },
    lane.number,
  );
  return group;
}
