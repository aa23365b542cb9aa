const WAYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function show({ root, data, place: [row, column] }) {
  const frame = root.querySelector("i");
  frame.style.top = `${(100 * row) / data.rows}%`;
  frame.style.left = `${(100 * column) / data.columns}%`;
  frame.style.width = `${(100 * data.side) / data.columns}%`;
  frame.style.height = `${(100 * data.side) / data.rows}%`;
  const where = `row ${row + 1}, column ${column + 1}`;
  root.setAttribute(
    "aria-label",
    `Window of ${data.side} by ${data.side} at ${where}; the arrow keys move it`,
  );
}

// On the grid and within the picture; what moved is sent.
function move(lens, row, column, send = true) {
  const { side, step, rows, columns } = lens.data;
  const within = (value, length) => Math.floor(Math.max(0, Math.min(value, length - side)) / step) * step;
  const place = [within(row, rows), within(column, columns)];
  if (place[0] === lens.place[0] && place[1] === lens.place[1]) return;
  lens.place = place;
  show(lens);
  if (send) lens.send(place);
}

function follow(lens, event) {
  const box = lens.root.getBoundingClientRect();
  const { rows, columns, side } = lens.data;
  const row = ((event.clientY - box.top) / box.height) * rows - side / 2;
  const column = ((event.clientX - box.left) / box.width) * columns - side / 2;
  move(lens, Math.round(row), Math.round(column));
}

function press(lens, event) {
  const way = WAYS[event.key];
  if (!way) return;
  event.preventDefault();
  event.stopPropagation();
  const { step } = lens.data;
  move(lens, lens.place[0] + step * way[0], lens.place[1] + step * way[1]);
}

function open(root, data) {
  const lens = { root, data, place: data.start };
  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    follow(lens, event);
  });
  root.addEventListener("pointermove", (event) => {
    if (root.hasPointerCapture(event.pointerId)) follow(lens, event);
  });
  root.addEventListener("keydown", (event) => press(lens, event));
  return lens;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".lens");
  const lens = (root.lens ??= open(root, data));
  lens.data = data;
  lens.send = (place) => setStateValue("place", place);
  root.querySelector("img").src = data.picture;
  move(lens, ...lens.place); // another side or step may leave no room where it was
  show(lens);
}
