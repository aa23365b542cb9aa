// The grid is redrawn in place: a block stays the same node, so focus and scroll stay through every tick.

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// As many children as there are items, each brought up to date.
function fill(parent, items, make, update) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  items.forEach((item, place) => {
    const node = parent.children[place] ?? make(parent);
    const json = JSON.stringify(item);
    if (node.shown === json) return;
    node.shown = json;
    update(node, item);
  });
}

function spoken(block) {
  const score = block.score ? `, ${block.score}` : "";
  const best = block.best ? `, ${block.best}` : "";
  return `Trial ${block.number}, ${block.name}: ${block.status}${score}${best}`;
}

function readout(block) {
  const cells = block.cells.map((cell) => cell.text).join(" · ");
  return [spoken(block), block.reason, block.cells.length > 1 ? cells : ""].filter(Boolean).join(". ");
}

function makeBlock(parent) {
  const node = element("button", "trial-block", parent);
  node.type = "button";
  node.tabIndex = -1;
  element("span", "trial-cells", node);
  element("span", "trial-number", node);
  return node;
}

function drawBlock(node, block) {
  node.block = block;
  node.dataset.trial = block.number;
  node.dataset.status = block.status;
  node.classList.toggle("trial-best", Boolean(block.best));
  node.setAttribute("aria-label", spoken(block));
  setText(node.lastElementChild, block.best ? `★ ${block.number}` : String(block.number));
  fill(
    node.firstElementChild,
    block.cells,
    (cells) => element("i", "trial-cell", cells),
    (cell, { state, level }) => {
      cell.dataset.state = state;
      cell.style.setProperty("--level", `${Math.round(100 * (level ?? 0))}%`);
    },
  );
}

function makeGroup(parent) {
  const node = element("div", "trial-group", parent);
  element("div", "trial-title", node);
  element("div", "trial-blocks", node);
  return node;
}

function drawGroup(node, group) {
  const [title, blocks] = node.children;
  title.replaceChildren();
  if (group.title) {
    const disc = element("span", "disc", title);
    disc.style.setProperty("--silk", `var(--silk-${group.framework})`);
    disc.textContent = group.number;
    disc.setAttribute("aria-hidden", "true");
    title.append(` ${group.title}`);
  }
  fill(blocks, group.blocks, makeBlock, drawBlock);
}

// Those to come are so many empty squares, and no blocks: there is nothing to say of them.
function drawToCome(root, data) {
  const last = root.querySelector(".trial-to-come");
  fill(
    last,
    Array.from({ length: data.to_come }, (_, place) => place),
    (parent) => element("i", "trial-cell", parent),
    (cell) => (cell.dataset.state = "waiting"),
  );
  const all = data.to_come + data.more;
  last.dataset.more = all ? `${all} to come` : "";
}

function choose(root, block) {
  root.chosen = block.number;
  mark(root);
  root.send("trial", block.number);
}

function mark(root) {
  const blocks = [...root.querySelectorAll(".trial-block")];
  for (const node of blocks) node.setAttribute("aria-pressed", String(node.block.number === root.chosen));
  // One stop for the tab key; arrows go on from there.
  const stop =
    blocks.find((node) => node === document.activeElement) ??
    blocks.find((node) => node.block.number === root.chosen) ??
    blocks[0];
  for (const node of blocks) node.tabIndex = node === stop ? 0 : -1;
}

function show(root, node) {
  const shown = node ?? root.querySelector('.trial-block[aria-pressed="true"]');
  const hint = "Point at a block, or go through them with the arrow keys, to read it here.";
  setText(root.querySelector(".trial-readout"), shown ? readout(shown.block) : hint);
}

// The nearest block in the row above or below; rows are as wide as the window lets them be.
function beside(blocks, node, down) {
  const from = node.getBoundingClientRect();
  const ahead = blocks
    .map((block) => ({ block, box: block.getBoundingClientRect() }))
    .filter(({ box }) => (down ? box.top >= from.bottom : box.bottom <= from.top));
  if (!ahead.length) return node;
  const rows = ahead.map(({ box }) => box.top);
  const row = down ? Math.min(...rows) : Math.max(...rows);
  const inRow = ahead.filter(({ box }) => Math.abs(box.top - row) < 2);
  return inRow.reduce((a, b) =>
    Math.abs(a.box.left - from.left) <= Math.abs(b.box.left - from.left) ? a : b,
  ).block;
}

function move(event) {
  const blocks = [...event.currentTarget.querySelectorAll(".trial-block")];
  const place = blocks.indexOf(block(event));
  const last = blocks.length - 1;
  const to = {
    ArrowLeft: () => blocks[Math.max(0, place - 1)],
    ArrowRight: () => blocks[Math.min(last, place + 1)],
    ArrowUp: () => beside(blocks, blocks[place], false),
    ArrowDown: () => beside(blocks, blocks[place], true),
    Home: () => blocks[0],
    End: () => blocks[last],
  }[event.key];
  if (place < 0 || !to) return;
  event.preventDefault();
  to().focus();
}

const block = (event) => event.target.closest(".trial-block");

function listen(root) {
  const groups = root.querySelector(".trial-groups");
  groups.addEventListener("keydown", move);
  groups.addEventListener("click", (event) => block(event) && choose(root, block(event).block));
  groups.addEventListener("pointerover", (event) => block(event) && show(root, block(event)));
  groups.addEventListener("pointerleave", () => show(root, null));
  groups.addEventListener("focusin", (event) => {
    mark(root);
    show(root, block(event));
  });
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".trial-grid");
  root.send = setStateValue;
  root.style.setProperty("--columns", data.columns);
  root.classList.toggle("trial-ranked", Boolean(data.high));
  const groups = root.querySelector(".trial-groups");
  groups.setAttribute("aria-label", data.label);
  setText(root.querySelector(".trial-low"), `${data.measure} ${data.low}`);
  setText(root.querySelector(".trial-high"), data.high);
  setText(root.querySelector(".trial-layout"), data.layout);
  fill(groups, data.groups, makeGroup, drawGroup);
  drawToCome(root, data);
  if (!root.listening) {
    root.listening = true;
    listen(root);
  }
  mark(root);
  show(root, root.querySelector(".trial-block:hover") ?? root.querySelector(".trial-block:focus"));
}
