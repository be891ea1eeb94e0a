// One row for each cause, kept by its id, so that a tick neither closes nor moves what is open.
const PLAIN = (event) => !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);

const buildTitle = (row, root) => {
  const href = row.href && safeHref(row.href);
  const title = make(href ? "a" : "span", "title", row.title);
  title.dir = "auto";
  if (!href) return title;
  title.href = href;
  title.addEventListener("click", (event) => {
    if (!PLAIN(event)) return;
    event.preventDefault();
    root.component.setTriggerValue("open", row.id);
  });
  return title;
};

const buildRow = (row, root) => {
  const node = make("li", "row");
  const body = make("div");
  const head = make("div", "head");
  head.append(buildTitle(row, root), ...row.parts.map((part) => DRAW[part.kind](part)));
  body.append(head);
  if (row.text) body.append(make("div", "said", row.text));
  const acts = make("div", "acts");
  acts.append(...row.actions.map((part) => DRAW[part.kind](part)));
  node.append(body, acts);
  return node;
};

const buildGroup = (id, root) => {
  const node = make("section");
  node.groupId = id;
  const open = make("button", "open");
  open.type = "button";
  const named = make("span", "named");
  named.append(make("span", "name"), make("span", "named"));
  open.append(icon("chevron_right"), make("span", "count"), named);
  const all = make("button", "all");
  all.type = "button";
  all.addEventListener("click", () => root.component.setTriggerValue("all", id));
  const top = make("div", "top");
  top.append(open, all);
  const rows = make("ul", "rows");
  rows.tabIndex = 0;
  const more = make("button", "more");
  more.type = "button";
  more.addEventListener("click", () => root.component.setTriggerValue("more", id));
  open.addEventListener("click", () => {
    node.isOpen = !node.isOpen;
    drawRows(node, root);
  });
  node.append(top, rows, more);
  return node;
};

// Closed rows are not in the page at all: a group may hold hundreds.
const drawRows = (node, root) => {
  const [top, list, more] = node.children;
  more.textContent = node.wanted.more;
  more.style.display = node.isOpen && node.wanted.more ? "" : "none";
  top.firstChild.setAttribute("aria-expanded", String(Boolean(node.isOpen)));
  list.hidden = !node.isOpen;
  list.setAttribute("aria-label", node.wanted.title);
  const old = new Map([...list.children].map((row) => [row.shown, row]));
  const rows = (node.isOpen ? node.wanted.rows : []).map((wanted) => {
    const shown = JSON.stringify(wanted);
    const row = old.get(shown) ?? buildRow(wanted, root);
    old.delete(shown);
    row.shown = shown;
    return row;
  });
  old.forEach((row) => row.remove());
  rows.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
};

const drawGroup = (node, wanted, root) => {
  const shown = JSON.stringify(wanted);
  if (node.shown === shown) return;
  node.shown = shown;
  node.wanted = wanted;
  node.className = `group is-${wanted.tone}`;
  const [open, all] = node.firstChild.children;
  const [, count, named] = open.children;
  count.className = `count tone-${wanted.tone}`;
  count.textContent = wanted.count.toLocaleString();
  named.children[0].textContent = wanted.title;
  fillParts(named.children[1], [...(wanted.badge ? [wanted.badge] : []), ...wanted.parts]);
  all.textContent = wanted.action;
  all.style.display = wanted.action ? "" : "none";
  drawRows(node, root);
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  root.component = component;
  const old = new Map([...root.children].map((node) => [node.groupId, node]));
  data.groups.forEach((wanted, index) => {
    const node = old.get(wanted.id) ?? buildGroup(wanted.id, root);
    old.delete(wanted.id);
    if (root.children[index] !== node) root.insertBefore(node, root.children[index] ?? null);
    drawGroup(node, wanted, root);
  });
  old.forEach((node) => node.remove());
  root.ongo ??= (event) => root.component.setTriggerValue("go", event.detail);
  root.addEventListener("atelier-go", root.ongo);
  keepTimes(root);
}
