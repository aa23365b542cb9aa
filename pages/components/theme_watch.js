const app = () => document.querySelector('[data-testid="stApp"]');
const scheme = () => getComputedStyle(app()).colorScheme;

export default function ({ setTriggerValue }) {
  let known = scheme();
  const watch = new MutationObserver(() => {
    if (scheme() === known) return;
    known = scheme();
    setTriggerValue("switched", known);
  });
  watch.observe(app(), { attributes: true, attributeFilter: ["class"] });
  return () => watch.disconnect();
}
