const LEAST = 8; // pixels on the screen: a smaller rectangle was a click

function within(value) {
  return Math.min(1, Math.max(0, value));
}

function place(region, event) {
  const box = region.field.getBoundingClientRect();
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
}

function show(region) {
  const { box, part } = region;
  box.hidden = region.all.disabled = part === null;
  if (part === null) return;
  const sides = { left: part[0], top: part[1], width: part[2], height: part[3] };
  for (const [side, share] of Object.entries(sides)) box.style[side] = `${100 * share}%`;
}

function stretch(region, event) {
  const [x, y] = place(region, event);
  const [startX, startY] = region.start;
  const [left, top] = [Math.min(x, startX), Math.min(y, startY)];
  region.part = [left, top, Math.abs(x - startX), Math.abs(y - startY)];
  show(region);
}

function begin(region, event) {
  if (region.start || event.button !== 0) return;
  event.preventDefault();
  region.field.setPointerCapture(event.pointerId);
  region.start = place(region, event);
  region.before = region.part;
}

function end(region) {
  if (!region.start) return;
  region.start = undefined;
  const { clientWidth, clientHeight } = region.field;
  const [, , width, height] = region.part ?? [0, 0, 0, 0];
  const large = width * clientWidth >= LEAST && height * clientHeight >= LEAST;
  if (region.part !== region.before && large) region.send(region.part);
  else region.part = region.before;
  show(region);
}

function open(root) {
  const [field, box, all] = [".region-field", ".region-box", ".region-all"].map((name) =>
    root.querySelector(name),
  );
  const region = { field, box, all, part: null };
  field.addEventListener("pointerdown", (event) => begin(region, event));
  field.addEventListener("pointermove", (event) => {
    if (region.start) stretch(region, event);
  });
  for (const over of ["pointerup", "pointercancel"]) field.addEventListener(over, () => end(region));
  all.addEventListener("click", () => {
    region.part = null;
    show(region);
    region.send(null);
  });
  return region;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".region");
  root.region ??= open(root);
  root.region.send = (part) => setStateValue("part", part);
  const photo = root.querySelector("img");
  if (photo.src !== data.photo) photo.src = data.photo;
}
