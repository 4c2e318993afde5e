"use strict";
// Reads values under the pointer from the drawn curves; without it the page loses nothing else.
(function () {
  const knots = JSON.parse(document.querySelector("main").dataset.knots);
  const charts = Array.from(document.querySelectorAll("svg.chart"), prepare);

  function prepare(svg) {
    const lines = Array.from(svg.querySelectorAll("path[data-name]"), function (path) {
      const numbers = (path.getAttribute("d").match(/-?[\d.]+/g) || []).map(Number);
      return { name: path.dataset.name, xs: numbers.filter((_, i) => i % 2 === 0), ys: numbers.filter((_, i) => i % 2) };
    });
    const chart = { svg: svg, lines: lines.reverse() };
    svg.addEventListener("pointermove", (event) => show(chart, event));
    svg.addEventListener("pointerleave", clear);
    return chart;
  }

  function time(place) {
    for (let i = 1; i !== knots.length; i += 1) {
      const [x0, t0] = knots[i - 1], [x1, t1] = knots[i];
      if (x1 >= place) return t0 + (t1 - t0) * (place - x0) / (x1 - x0 || 1);
    }
    return knots[knots.length - 1][1];
  }

  function nearest(line, x) {
    let best = 0;
    line.xs.forEach(function (each, i) {
      if (Math.abs(line.xs[best] - x) > Math.abs(each - x)) best = i;
    });
    return best;
  }

  function value(chart, y) {
    const { low, high, height, top, decimals } = chart.svg.dataset;
    const share = (y - top) / (height - top);
    const number = Number(high) - share * (high - low);
    return number.toLocaleString("en", { minimumFractionDigits: Number(decimals), maximumFractionDigits: Number(decimals) });
  }

  function show(chart, event) {
    clear();
    const box = chart.svg.getBoundingClientRect();
    const place = (event.clientX - box.left) / box.width;
    if (0 > place || place > 1) return;
    charts.forEach((each) => cursor(each.svg, place));
    const readout = document.createElement("div");
    readout.className = "readout";
    row(readout, new Date(time(place)).toISOString().slice(0, 19).replace("T", " "), "UTC");
    chart.lines.filter((line) => line.xs.length).slice(0, 9).forEach(function (line) {
      row(readout, line.name, value(chart, line.ys[nearest(line, place * 1000)]));
    });
    readout.style[place > 0.5 ? "right" : "left"] =
      (place > 0.5 ? chart.svg.parentNode.clientWidth - place * box.width : place * box.width) + 12 + "px";
    chart.svg.parentNode.append(readout);
  }

  function row(parent, name, shown) {
    const line = document.createElement("div");
    [name, shown].forEach(function (words) {
      const part = document.createElement("span");
      part.textContent = words;
      line.append(part);
    });
    parent.append(line);
  }

  function cursor(svg, place) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const x = 100 * place + "%";
    Object.entries({ x1: x, x2: x, y1: svg.dataset.top, y2: svg.dataset.height, class: "cursor" })
      .forEach(([name, each]) => line.setAttribute(name, each));
    svg.append(line);
  }

  function clear() {
    document.querySelectorAll(".cursor, .readout").forEach((each) => each.remove());
  }
}());
