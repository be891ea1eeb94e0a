// Rows of label and parts, or, without labels, a list with hairlines.
const buildHead = (data) => {
  const head = make("div", "head");
  const parts = make("div", "parts");
  fillParts(parts, data.parts);
  if (data.title) head.append(make(data.is_page_title ? "h1" : "h3", "", data.title));
  if (data.parts.length) head.append(parts);
  return head;
};

const buildRow = (row) => {
  const value = make("dd");
  fillParts(value, row.parts);
  const term = make("dt", "", row.label);
  term.hidden = !row.label;
  const holder = make("div");
  holder.style.display = row.label ? "contents" : "";
  holder.append(term, value);
  return holder;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  root.component = component;
  const wanted = JSON.stringify(data);
  if (root.shown !== wanted) {
    root.shown = wanted;
    const list = make("dl", data.rows.some((row) => row.label) ? "rows" : "rows wide");
    list.append(...data.rows.map(buildRow));
    root.replaceChildren(...(data.title || data.parts.length ? [buildHead(data)] : []), list);
  }
  root.ongo ??= (event) => root.component.setTriggerValue("go", event.detail);
  root.addEventListener("atelier-go", root.ongo);
  keepTimes(root);
}
