// The page's tabs come into view once, where the address named one of them when its reader arrived.

const MOVES = ["wheel", "touchmove", "pointerdown", "keydown"]; // then the reader is somewhere already

export default function ({ parentElement }) {
  const again = parentElement.arrived;
  parentElement.arrived = true;
  if (again || !new URLSearchParams(location.search).has("tab")) return undefined;
  const app = document.querySelector('[data-testid="stApp"]');
  const watch = new MutationObserver(look);
  function stop() {
    watch.disconnect();
    for (const move of MOVES) removeEventListener(move, stop);
  }
  function look() {
    const tabs = document.querySelector('[data-testid="stTabs"]');
    if (!tabs || app.dataset.testScriptState !== "notRunning") return; // what lies above still grows
    stop();
    tabs.style.scrollMarginTop = "5rem"; // below the header, which floats
    tabs.scrollIntoView({ behavior: "instant" });
  }
  for (const move of MOVES) addEventListener(move, stop, { passive: true });
  watch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
  look();
  return stop;
}
