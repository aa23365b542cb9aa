// Arrow keys turn to another screen, Escape leaves: wherever the page has the keyboard's attention.

const WAYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };

/** Asks for the screen itself: of two quick asks the server may see the latter alone. */
function turn(stage, way) {
  stage.asked = Math.min(Math.max((stage.asked ?? stage.screen) + way, 1), stage.screens);
  stage.send("turned", stage.asked);
}

function press(stage, event) {
  const writes = event.target.closest?.("input, select, textarea, [contenteditable='true']");
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") stage.send("left", true);
  else if (stage.screens > 1 && event.key in WAYS && !writes) {
    event.preventDefault();
    turn(stage, WAYS[event.key]);
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".stage-exit");
  const stage = (root.stage ??= {});
  stage.send = setTriggerValue;
  stage.screen = data.screen;
  stage.screens = data.screens;
  if (stage.asked === data.screen) stage.asked = undefined;
  root.querySelector("span").textContent = data.screens > 1 ? data.where : "";
  for (const button of root.querySelectorAll(".stage-turn")) {
    const to = data.screen + Number(button.dataset.way);
    button.hidden = data.screens === 1;
    button.disabled = to < 1 || to > data.screens;
  }
  if (stage.keys) return undefined;
  stage.keys = (event) => press(stage, event);
  document.addEventListener("keydown", stage.keys);
  root.querySelector(".stage-leave").addEventListener("click", () => stage.send("left", true));
  for (const button of root.querySelectorAll(".stage-turn"))
    button.addEventListener("click", () => turn(stage, Number(button.dataset.way)));
  return () => document.removeEventListener("keydown", stage.keys);
}
