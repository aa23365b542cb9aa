// Steps are lit in all columns by a class; nothing moves when another one is pointed at.

function element(tag, className, parent, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

// ── building ──

function drawLine(parent, { number, pieces, steps }) {
  const line = element("span", "code-line", parent);
  const text = pieces.map(([, words]) => words).join("");
  line.style.setProperty("--indent", text.length - text.trimStart().length);
  line.dataset.number = number;
  if (steps.length) line.dataset.steps = steps.join(" ");
  for (const [kind, words] of pieces) {
    const into = kind ? element("i", "", line) : line;
    if (kind) into.dataset.kind = kind;
    drawWords(into, words);
  }
}

// A long name may go on in the next line after a point or a bracket.
function drawWords(parent, words) {
  words.split(/(?<=[.([=])/).forEach((part, place) => {
    if (place) element("wbr", "", parent);
    parent.append(part);
  });
}

function drawLines(className, parent, lines) {
  const block = element("div", className, parent);
  for (const line of lines) drawLine(block, line);
  return block;
}

function drawHead(root, section, exhibit) {
  const head = element("div", "code-head", section);
  head.tabIndex = 0; // it may scroll
  head.setAttribute("role", "group");
  head.setAttribute("aria-label", `${exhibit.title}: values`);
  const name = element("h2", "code-name", head);
  const disc = element("span", "disc", name, exhibit.number);
  disc.style.setProperty("--silk", `var(--silk-${exhibit.name})`);
  disc.setAttribute("aria-hidden", "true");
  element("span", "", name, exhibit.title);
  element("span", "code-size", name, exhibit.size);
  const copy = element("button", "own-control code-copy", name, "Copy");
  copy.type = "button";
  copy.setAttribute("aria-label", `Copy ${root.shown.function} of ${exhibit.title}`);
  copy.addEventListener("click", () => copyText(root, section, exhibit));
  element("ul", "code-values", head);
}

function drawExhibit(root, columns, exhibit, rows) {
  const section = element("section", "code-exhibit", columns);
  section.dataset.name = exhibit.name;
  section.dataset.chosen = exhibit.chosen;
  section.setAttribute("aria-label", exhibit.title);
  drawHead(root, section, exhibit);
  for (const { row, end, lines } of exhibit.blocks) {
    const block = drawLines("code-block", section, lines);
    block.style.gridRow = `${row + 2} / ${end + 2}`; // row 1 is the head's
  }
  if (!exhibit.helpers.length) return;
  const more = element("details", "code-more", section);
  more.style.gridRow = `${rows + 2}`;
  const names = exhibit.helpers.map((helper) => helper.name).join(", ");
  element("summary", "", more, `What belongs to it: ${names} · ${exhibit.more}`);
  for (const helper of exhibit.helpers) drawLines("code-helper", more, helper.lines);
}

function drawSteps(root, { steps, function: name }) {
  const bar = root.querySelector(".code-steps");
  bar.replaceChildren();
  bar.setAttribute("aria-label", `Steps of ${name}`);
  for (const step of steps) {
    const button = element("button", "own-control", bar, step.title);
    button.type = "button";
    button.dataset.step = step.name;
  }
}

function build(root, data) {
  const columns = root.querySelector(".code-columns");
  const rows = data.steps.length + 1; // and what stands before the first step
  columns.replaceChildren();
  columns.style.setProperty("--columns", data.columns);
  columns.style.setProperty("--rows", rows);
  drawSteps(root, data);
  for (const exhibit of data.exhibits) drawExhibit(root, columns, exhibit, rows);
}

// ── lighting up ──

function light(root, step) {
  const { steps, values } = root.shown;
  const { title, sentence } = steps.find(({ name }) => name === step);
  const [strong, span] = root.querySelector(".code-sentence").children;
  strong.textContent = `${title}.`;
  span.textContent = sentence;
  for (const line of root.querySelectorAll(".code-line"))
    line.classList.toggle("code-lit", Boolean(line.dataset.steps?.split(" ").includes(step)));
  for (const section of root.querySelectorAll(".code-exhibit")) {
    const list = section.querySelector(".code-values");
    const { facts, shared } = values[section.dataset.name][step];
    list.replaceChildren();
    for (const fact of facts) element("li", "", list, fact);
    if (shared) element("li", "code-shared", list, shared);
  }
}

function pin(root, step) {
  root.pinned = step;
  for (const button of root.querySelectorAll(".code-steps button")) {
    button.setAttribute("aria-pressed", String(button.dataset.step === step));
    button.tabIndex = button.dataset.step === step ? 0 : -1; // one stop for the tab key, arrows go on
  }
  light(root, step);
}

// A line may belong to several steps: the one that is lit already, else its first.
function stepOf(root, event) {
  const target = event.target.closest("[data-step], [data-steps]");
  if (!target) return null;
  const steps = target.dataset.step ? [target.dataset.step] : target.dataset.steps.split(" ");
  return steps.includes(root.pinned) ? root.pinned : steps[0];
}

function move(root, event) {
  const buttons = [...root.querySelectorAll(".code-steps button")];
  const place = buttons.indexOf(event.target);
  const to = {
    ArrowLeft: place - 1,
    ArrowUp: place - 1,
    ArrowRight: place + 1,
    ArrowDown: place + 1,
    Home: 0,
    End: buttons.length - 1,
  }[event.key];
  if (to === undefined || place < 0) return;
  event.preventDefault();
  const button = buttons[Math.max(0, Math.min(to, buttons.length - 1))];
  button.focus({ preventScroll: true });
  pin(root, button.dataset.step);
}

async function copyText(root, section, exhibit) {
  const said = root.querySelector(".code-said");
  try {
    await navigator.clipboard.writeText(exhibit.text);
    said.textContent = `${root.shown.function} of ${exhibit.title} is copied.`;
  } catch {
    const [first, last] = [
      section.querySelector(".code-block"),
      section.querySelector(".code-block:last-of-type"),
    ];
    getSelection().setBaseAndExtent(first, 0, last, last.childNodes.length);
    said.textContent = "The browser does not let this page copy; the code is selected for Ctrl+C.";
  }
}

function listen(root) {
  root.addEventListener("click", (event) => {
    const step = stepOf(root, event);
    if (step) pin(root, step);
  });
  root.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") light(root, stepOf(root, event) ?? root.pinned);
  });
  root.addEventListener("pointerleave", () => light(root, root.pinned));
  const bar = root.querySelector(".code-steps");
  bar.addEventListener("keydown", (event) => move(root, event));
  const sentence = root.querySelector(".code-sentence");
  new ResizeObserver(() => {
    root.style.setProperty("--sentence", `${sentence.offsetHeight}px`);
  }).observe(sentence);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".code-view");
  const before = root.shown;
  root.shown = data;
  if (!before) listen(root);
  if (before?.key !== data.key) build(root, data);
  const known = data.steps.some(({ name }) => name === root.pinned);
  pin(root, known && before?.function === data.function ? root.pinned : data.first);
}
