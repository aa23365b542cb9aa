const app = () => document.querySelector('[data-testid="stApp"]');
const scheme = () => getComputedStyle(app()).colorScheme;

let asked; // for this scheme a run is on its way

// While a run is on its way it brings the new scheme itself; one more would undo a link that was just followed.
function look(painted, ask) {
  const now = scheme();
  if (now === painted) asked = undefined;
  else if (now !== asked && app().dataset.testScriptState === "notRunning") ask((asked = now));
}

export default function ({ data, setTriggerValue }) {
  const painted = (app().dataset.painted = data.painted);
  const again = () => look(painted, (now) => setTriggerValue("switched", now));
  const watch = new MutationObserver(again);
  watch.observe(app(), { attributes: true, attributeFilter: ["class", "data-test-script-state"] });
  again(); // its reader may have switched while the run was on its way
  return () => watch.disconnect();
}
