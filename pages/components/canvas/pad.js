const SIDE = 320; // units of a stroke, as `core.drawing.strokes` has them
const NEAR = 1.5; // units: points closer than this to the last one add nothing

function paint(pad) {
  const { context, strokes, canvas } = pad;
  const scale = canvas.width / SIDE;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.strokeStyle = "#fff";
  context.lineCap = context.lineJoin = "round";
  for (const { width, points } of strokes) {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(points[0], points[1]);
    for (let at = 0; at < points.length; at += 2) context.lineTo(points[at], points[at + 1]);
    context.stroke();
  }
  const none = strokes.length === 0;
  pad.hint.hidden = !none;
  pad.undo.disabled = pad.clear.disabled = none;
  const count = `${strokes.length} ${strokes.length === 1 ? "stroke" : "strokes"}`;
  canvas.setAttribute("aria-label", none ? "Empty drawing" : `Drawing of ${count}`);
  canvas.dataset.strokes = strokes.length;
}

function unit(value, start, size) {
  return Math.round((10 * SIDE * (value - start)) / size) / 10;
}

// Seen from where the field lay when the stroke began: one that the page moves meanwhile bends no stroke.
function place({ box }, event) {
  return [unit(event.clientX, box.left, box.width), unit(event.clientY, box.top, box.height)];
}

function extend(pad, event) {
  const { points } = pad.strokes.at(-1);
  for (const part of event.getCoalescedEvents?.() ?? [event]) {
    const [x, y] = place(pad, part);
    if (Math.hypot(x - points.at(-2), y - points.at(-1)) >= NEAR) points.push(x, y);
  }
  paint(pad);
}

function begin(pad, event) {
  if (pad.drawing !== undefined || event.button !== 0) return;
  event.preventDefault();
  pad.canvas.setPointerCapture(event.pointerId);
  pad.drawing = event.pointerId;
  pad.box = pad.canvas.getBoundingClientRect();
  pad.strokes.push({ width: Number(pad.brush.value), points: place(pad, event) });
  paint(pad);
}

function end(pad, event) {
  if (pad.drawing !== event.pointerId) return;
  pad.drawing = undefined;
  pad.send(pad.strokes);
}

function change(pad, strokes) {
  pad.strokes = strokes;
  paint(pad);
  pad.send(strokes);
}

function showBrush(pad) {
  pad.root.style.setProperty("--brush", pad.brush.value / SIDE);
}

function open(root, strokes) {
  const find = (name) => root.querySelector(name);
  const canvas = find("canvas");
  const [undo, clear, hint, brush] = [".pad-undo", ".pad-clear", ".pad-hint", "input"].map(find);
  const pad = { root, canvas, undo, clear, hint, brush, strokes, context: canvas.getContext("2d") };
  if (strokes.length) brush.value = strokes.at(-1).width;
  canvas.addEventListener("pointerdown", (event) => begin(pad, event));
  canvas.addEventListener("pointermove", (event) => {
    if (pad.drawing === event.pointerId) extend(pad, event);
  });
  for (const over of ["pointerup", "pointercancel"])
    canvas.addEventListener(over, (event) => end(pad, event));
  undo.addEventListener("click", () => change(pad, pad.strokes.slice(0, -1)));
  clear.addEventListener("click", () => change(pad, []));
  brush.addEventListener("input", () => showBrush(pad));
  showBrush(pad);
  paint(pad);
  return pad;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".pad");
  // What is drawn here is newer than what the server sends back: it counts only when the field is new.
  root.pad ??= open(root, structuredClone(data.strokes));
  root.pad.send = (strokes) => setStateValue("strokes", structuredClone(strokes));
  root.classList.toggle("pad-with-brush", data.brush);
}
