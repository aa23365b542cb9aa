// Runs as cards; the page stays the one that knows what is chosen, here only touches are told.

const AT_FIRST = 6;

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

function card(list, told) {
  const item = element("li", "run-card");
  const label = element("label");
  const box = element("input");
  box.type = "checkbox";
  box.value = told.run;
  box.addEventListener("change", () => tell(list));
  const disc = element("span", "disc", told.number);
  disc.style.setProperty("--silk", told.silk);
  disc.setAttribute("aria-hidden", "true");
  const what = element("span", "run-what");
  what.append(element("b", "", told.title), element("span", "", told.name));
  if (told.mark) what.append(element("span", "run-mark", told.mark));
  const facts = element("span", "run-facts figures");
  facts.append(element("b", "", told.accuracy), element("span", "", told.time));
  label.append(box, disc, what, facts);
  item.append(label);
  return item;
}

function boxes(list) {
  return [...list.querySelectorAll("input")];
}

function tell(list) {
  const runs = boxes(list)
    .filter((box) => box.checked)
    .map((box) => box.value);
  list.touches = (list.touches ?? 0) + 1; // so that the same choice made again is told again
  list.send("picked", { runs, touches: list.touches, at: Date.now() });
}

function more(list, hidden, beyond) {
  const item = element("li", "run-more");
  if (hidden.length) {
    const button = element("button", "", `Show ${hidden.length} more`);
    button.type = "button";
    button.addEventListener("click", () => {
      for (const one of hidden) one.hidden = false;
      button.remove();
      boxes(hidden[0])[0].focus();
    });
    item.append(button);
  }
  if (beyond > 0) item.append(element("p", "", `${beyond} more runs: the filter leads to them.`));
  return item;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const list = parentElement.querySelector(".run-cards");
  list.send = setStateValue;
  list.setAttribute("aria-label", "Runs");
  const drawn = JSON.stringify(data.cards);
  if (list.drawn !== drawn) {
    list.drawn = drawn;
    const cards = data.cards.map((told) => card(list, told));
    const hidden = cards.slice(AT_FIRST);
    for (const one of hidden) one.hidden = true;
    list.replaceChildren(...cards, more(list, hidden, data.all - data.cards.length));
  }
  const chosen = new Set(data.chosen);
  for (const box of boxes(list)) box.checked = chosen.has(box.value);
}
