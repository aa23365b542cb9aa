// Arrow keys turn to another screen, Escape leaves: wherever the page has the keyboard's attention.

const WAYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };

function press(stage, event) {
  const writes = event.target.closest?.("input, select, textarea, [contenteditable='true']");
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") stage.send("left", true);
  else if (stage.screens > 1 && event.key in WAYS && !writes) {
    event.preventDefault();
    stage.send("turned", WAYS[event.key]);
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".stage-exit");
  const stage = (root.stage ??= {});
  stage.send = setTriggerValue;
  stage.screens = data.screens;
  root.querySelector("span").textContent = data.screens > 1 ? `${data.screen} of ${data.screens}` : "";
  if (stage.keys) return undefined;
  stage.keys = (event) => press(stage, event);
  document.addEventListener("keydown", stage.keys);
  root.querySelector("button").addEventListener("click", () => stage.send("left", true));
  return () => document.removeEventListener("keydown", stage.keys);
}
