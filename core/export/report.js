// Draws the charts in colours for light or dark paper, and again when the reader's system changes.
const dark = matchMedia("(prefers-color-scheme: dark)");
const paints = JSON.parse(document.getElementById("paints").textContent);

function draw(colours) {
  for (const figure of document.querySelectorAll("figure")) {
    let json = figure.querySelector("script").textContent;
    for (const [standIn, colour] of Object.entries(colours)) json = json.replaceAll(standIn, colour);
    const { data, layout } = JSON.parse(json);
    Plotly.react(figure.querySelector(".plot"), data, layout, { displaylogo: false, responsive: true });
  }
}

const drawAsSeen = () => draw(dark.matches ? paints.dark : paints.light);
dark.addEventListener("change", drawAsSeen);
addEventListener("beforeprint", () => draw(paints.light)); // on white paper
addEventListener("afterprint", drawAsSeen);
drawAsSeen();
