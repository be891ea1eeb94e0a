// Groups of checks; what is well stays quiet, what is not carries its fix.
const buildFix = (text) => {
  const fix = make("div", "fix");
  fix.append(icon("build"), make("span", "", text));
  return fix;
};

const buildRow = (wanted) => {
  const row = make("li", `row is-${wanted.tone} ${wanted.badge ? "" : "bare"}`);
  const body = make("div", "body");
  body.append(make("div", "text", wanted.text));
  if (wanted.note) body.append(make("div", "note", wanted.note));
  if (wanted.fix) body.append(buildFix(wanted.fix));
  if (wanted.badge) row.append(DRAW.badge(wanted.badge));
  row.append(make("div", "name", wanted.name), body);
  return row;
};

const buildGroup = (wanted) => {
  const group = make("section", "group");
  const list = make("ul", "list");
  list.append(...wanted.rows.map(buildRow));
  if (wanted.title) group.append(make("h3", "", wanted.title));
  group.append(list);
  return group;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  const wanted = JSON.stringify(data);
  if (root.shown === wanted) return;
  root.shown = wanted;
  root.replaceChildren(...data.groups.map(buildGroup));
}
