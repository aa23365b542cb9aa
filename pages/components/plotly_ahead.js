// Parsing takes a processor half a second: while somebody still chooses, not once the race trains.
export default function ({ data }) {
  if (window.Plotly || document.querySelector(`script[src="${data.plotly}"]`)) return;
  const whenIdle = window.requestIdleCallback ?? setTimeout; // Safari has none
  whenIdle(() => {
    const script = document.createElement("script");
    script.src = data.plotly;
    script.addEventListener("error", () => script.remove()); // whoever draws a chart asks again
    document.head.append(script);
  });
}
