const app = () => document.querySelector('[data-testid="stApp"]');
const scheme = () => getComputedStyle(app()).colorScheme;

let asked; // for this scheme a run is on its way

function look(painted, ask) {
  const now = scheme();
  if (now === painted) asked = undefined;
  else if (now !== asked) ask((asked = now));
}

export default function ({ data, setTriggerValue }) {
  const painted = (app().dataset.painted = data.painted);
  const again = () => look(painted, (now) => setTriggerValue("switched", now));
  const watch = new MutationObserver(again);
  watch.observe(app(), { attributes: true, attributeFilter: ["class"] });
  again(); // its reader may have switched while the run was on its way
  return () => watch.disconnect();
}
