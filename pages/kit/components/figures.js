// A strip of numbers; each opens its list. A number may carry a bar for each minute.
const SVG = "http://www.w3.org/2000/svg";

const drawSpark = (figure, values, label) => {
  figure.querySelector("svg")?.remove();
  if (!values.length) return;
  const most = Math.max(1, ...values);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "spark");
  svg.setAttribute("viewBox", `0 0 ${values.length * 4} 28`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  values.forEach((value, index) => {
    const height = value ? Math.max(2, (value / most) * 28) : 1;
    const bar = document.createElementNS(SVG, "rect");
    Object.entries({ x: index * 4, y: 28 - height, width: 3, height }).forEach(([name, number]) => bar.setAttribute(name, number));
    svg.append(bar);
  });
  figure.append(svg);
};

const buildFigure = (wanted, root) => {
  const figure = make(wanted.opens ? "button" : "div", "figure");
  if (wanted.opens) {
    figure.type = "button";
    figure.addEventListener("click", () => root.component.setTriggerValue("go", wanted.id));
  }
  figure.append(make("span", "label"), make("span", "value"), make("span", "note"));
  return figure;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  root.component = component;
  if (!root.strip) {
    root.strip = make("div", "figures");
    root.append(root.strip);
  }
  const same = root.strip.children.length === data.figures.length;
  if (!same) root.strip.replaceChildren(...data.figures.map((wanted) => buildFigure(wanted, root)));
  data.figures.forEach((wanted, index) => {
    const figure = root.strip.children[index];
    const text = JSON.stringify(wanted);
    if (figure.shown === text) return;
    figure.shown = text;
    figure.className = `figure ${wanted.tone ? `is-${wanted.tone}` : ""}`;
    [wanted.label, wanted.value, wanted.note].forEach((words, at) => (figure.children[at].textContent = words));
    drawSpark(figure, wanted.spark, wanted.spark_label);
  });
}
