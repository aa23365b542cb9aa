let loading;

function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const ahead = document.querySelector(`script[src="${address}"]`); // see plotly_ahead.js
    const script = ahead ?? document.createElement("script");
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      loading = undefined;
      script.remove();
      reject(new Error("plotly.min.js did not load"));
    });
    if (ahead) return;
    script.src = address;
    document.head.append(script);
  });
  return loading;
}

// Stand-ins for the frameworks' colours: the theme's, as `st.plotly_chart` does it.
function painted(data, node) {
  const colours = getComputedStyle(node).getPropertyValue("--st-chart-categorical-colors").split(",");
  const json = JSON.stringify(data).replaceAll(/#00000([1-6])/g, (_, number) => colours[number - 1].trim());
  return JSON.parse(json);
}

function themed(layout, node) {
  const style = getComputedStyle(node);
  const css = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const [text, grid, paper] = [css("text-color"), css("border-color"), css("background-color")];
  const narrow = node.clientWidth < 620;
  const stacked = narrow && Boolean(layout.xaxis2); // loss above accuracy instead of beside it
  const height = stacked ? 560 : 330;
  node.style.setProperty("--chart-height", `${height}px`);
  const axis = { gridcolor: grid, zerolinecolor: grid, automargin: true };
  const result = {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: text, family: css("font"), size: 12.5 },
    hoverlabel: { bgcolor: paper, bordercolor: grid, font: { color: text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: text, activecolor: css("primary-color") },
    width: node.clientWidth,
    height,
    margin: { l: 50, r: 10, t: 30, b: 36 },
  };
  for (const name of Object.keys(layout).filter((key) => /^[xy]axis/.test(key)))
    result[name] = { ...axis, ...layout[name] };
  if (stacked) {
    result.xaxis.domain = result.xaxis2.domain = [0, 1];
    result.xaxis.title = { text: "" };
    result.yaxis.domain = [0.56, 1];
    result.yaxis2.domain = [0, 0.44];
  }
  return result;
}

// One drawing at a time; whatever arrives meanwhile is drawn once, afterwards.
async function redraw(node) {
  node.stale = true;
  if (node.drawing) return;
  node.drawing = true;
  try {
    const plotly = await loadPlotly(node.plotly);
    while (node.stale && node.isConnected && node.clientWidth > 0) {
      node.stale = false;
      await plotly.react(node, painted(node.figure.data, node), themed(node.figure.layout, node), {
        displaylogo: false,
        displayModeBar: node.clientWidth < 620 ? false : "hover",
        modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
      });
      node.dataset.draws = 1 + Number(node.dataset.draws ?? 0);
    }
  } finally {
    node.drawing = false;
  }
}

function fail(node, error) {
  if (!node.isConnected) return;
  const message = node.previousElementSibling;
  message.textContent = `The chart cannot be drawn: ${error.message}`;
}

export default function (component) {
  const { data, parentElement } = component;
  const node = parentElement.querySelector(".live-chart");
  const draw = () => redraw(node).catch((error) => fail(node, error));
  node.figure = data.figure;
  node.plotly = data.plotly;
  node.setAttribute("aria-label", data.label);
  if (!node.sizes) {
    node.sizes = new ResizeObserver(() => {
      if (node.width === node.clientWidth) return;
      node.width = node.clientWidth;
      draw();
    });
    node.sizes.observe(node);
    // A change of theme renames a class further up.
    node.themes = new MutationObserver(() => {
      const colour = getComputedStyle(node).getPropertyValue("--st-background-color");
      if (node.colour !== undefined && node.colour !== colour) draw();
      node.colour = colour;
    });
    for (let up = node.parentElement; up; up = up.parentElement)
      node.themes.observe(up, { attributes: true, attributeFilter: ["class", "style"] });
  }
  node.colour = getComputedStyle(node).getPropertyValue("--st-background-color");
  draw();
  return () => {
    node.sizes?.disconnect();
    node.themes?.disconnect();
    node.sizes = node.themes = undefined;
  };
}
