// Draws each figure from the JSON beside it, in the colours of the page. Without it, or without Plotly, the tables stay.
"use strict";

const PALETTE = { "rgb(1,1,1)": "--main", "rgb(2,2,2)": "--other", "rgb(3,3,3)": "--good", "rgb(4,4,4)": "--bad" };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function draw(figure) {
  let text = figure.querySelector("script[type='application/json']").textContent;
  for (const [place, name] of Object.entries(PALETTE)) {
    text = text.replaceAll(`"${place}"`, JSON.stringify(colour(name)));
  }
  const { data, layout } = JSON.parse(text);
  const axis = { gridcolor: colour("--line"), linecolor: colour("--line"), zerolinecolor: colour("--line") };
  const drawn = {
    ...layout,
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("--text") },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { bgcolor: colour("--raised"), font: { color: colour("--text") }, bordercolor: colour("--line") },
    xaxis: { ...layout.xaxis, ...axis },
    yaxis: { ...layout.yaxis, ...axis },
  };
  return Plotly.react(figure.querySelector(".plot"), data, drawn, { displayModeBar: false, responsive: true });
}

function drawAll() {
  const figures = [...document.querySelectorAll("figure.chart")];
  if (typeof Plotly === "undefined") {
    figures.forEach((figure) => { figure.querySelector("details").open = true; });
    return Promise.resolve();
  }
  return Promise.all(figures.map(draw));
}

drawAll().then(() => { document.documentElement.dataset.drawn = "yes"; });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
