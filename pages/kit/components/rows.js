// Groups of rows. Nodes are reused by id and content: a tick neither closes, moves nor unfocuses
// what did not change.
const buildBox = (label, onChange) => {
  const box = make("input");
  box.type = "checkbox";
  box.setAttribute("aria-label", label);
  box.addEventListener("change", () => onChange(box.checked));
  return box;
};

const choose = (root, ids, isChosen) => {
  ids.forEach((id) => (isChosen ? root.chosen.add(id) : root.chosen.delete(id)));
  root.component.setStateValue("chosen", [...root.chosen]);
  root.querySelectorAll(".group").forEach((node) => drawChosen(node, root));
};

const drawChosen = (node, root) => {
  if (!node.group.is_choice) return;
  const ids = node.group.rows.map((row) => row.id);
  const all = node.querySelector("thead input");
  all.checked = ids.length > 0 && ids.every((id) => root.chosen.has(id));
  all.indeterminate = !all.checked && ids.some((id) => root.chosen.has(id));
  node.querySelectorAll("tbody input").forEach((box) => (box.checked = root.chosen.has(box.value)));
};

const cellOf = (tag, column, className = "") =>
  make(tag, [className, column?.is_number && "number", column?.is_wide && "wide"].filter(Boolean).join(" "));

const boxCell = (tag, label, value, onChange) => {
  const cell = make(tag, "choice");
  const box = buildBox(label, onChange);
  box.value = value;
  cell.append(box);
  return cell;
};

const buildColumns = (group, root) => {
  const row = make("tr");
  if (group.is_choice) {
    row.append(boxCell("th", "Choose every row", "", (isOn) => choose(root, group.rows.map(({ id }) => id), isOn)));
  }
  group.columns.forEach((column) => {
    const cell = cellOf(column.name ? "th" : "td", column);
    cell.textContent = column.name;
    if (column.name) cell.scope = "col";
    row.append(cell);
  });
  return row;
};

const buildCell = (elements, column) => {
  const cell = cellOf("td", column, elements.length ? "" : "empty");
  if (column?.width) cell.style.setProperty("--width", `${column.width}px`);
  const holder = make("div", "cell");
  holder.dataset.name = column?.name ?? "";
  fillElements(holder, elements);
  if (!column?.is_wide) holder.querySelectorAll(".part:not([title])").forEach((part) => (part.title = part.textContent));
  cell.append(holder);
  return cell;
};

const buildRow = (row, node, root) => {
  const { group } = node;
  const line = make("tr", row.is_marked ? "marked" : "");
  if (group.is_choice) {
    const number = group.rows.findIndex(({ id }) => id === row.id) + 1;
    line.append(boxCell("td", `Choose row ${number}`, row.id, (isOn) => choose(root, [row.id], isOn)));
  }
  if (row.label) {
    const label = make("th", "label", row.label);
    label.scope = "row";
    line.append(label);
  }
  line.append(...row.cells.map((elements, index) => buildCell(elements, group.columns[index])));
  return line;
};

// Rows of a folded group are not in the page at all: it may hold hundreds.
const drawRows = (node, root) => {
  const { group } = node;
  const isOpen = !group.is_folding || node.isOpen;
  node.querySelector(".fold")?.setAttribute("aria-expanded", String(isOpen));
  const rows = group.rows.filter((row) => isOpen || row.is_pinned);
  sync(node.body, rows, JSON.stringify, (row) => buildRow(row, node, root));
  node.scroll.hidden = !rows.length && (group.is_folding || !group.columns.some(({ name }) => name));
  node.foot.hidden = !isOpen || !group.foot.length;
  drawChosen(node, root);
};

const buildTitle = (node, root) => {
  const { group } = node;
  const title = make(`h${group.level}`);
  const count = group.count === null ? [] : [make("span", `count tone-${group.tone}`, group.count.toLocaleString())];
  const name = make("span", "name", group.title);
  if (!group.is_folding) {
    title.append(...count, name);
    return title;
  }
  const fold = make("button", "fold");
  fold.type = "button";
  fold.append(icon("chevron_right"), ...count, name);
  fold.addEventListener("click", () => {
    node.isOpen = !node.isOpen;
    drawRows(node, root);
  });
  title.append(fold);
  return title;
};

const drawHead = (node, root) => {
  const { group, head } = node;
  const shown = JSON.stringify({ ...group, rows: [], columns: [] });
  if (head.shown === shown) return;
  head.shown = shown;
  const hadFocus = head.contains(head.getRootNode().activeElement);
  head.hidden = !group.title && !group.head.length && !group.text;
  head.className = `head ${group.icon ? "with-mark" : ""}`;
  const line = make("div", "line");
  if (group.title) line.append(buildTitle(node, root));
  const beside = make("div", "beside");
  fillElements(beside, group.head);
  const text = make("p", "", group.text);
  text.hidden = !group.text;
  // A verdict's facts follow its sentence; others stand beside the title.
  if (!group.text) line.append(beside);
  const body = make("div", "body");
  body.append(line, text, ...(group.text ? [beside] : []));
  const mark = make("span", `mark tone-${group.tone}`);
  mark.append(icon(group.icon));
  head.replaceChildren(...(group.icon ? [mark] : []), body);
  if (hadFocus) head.querySelector("button")?.focus();
};

const buildGroup = (group) => {
  const node = make("section", "group");
  if (group.is_live) node.setAttribute("aria-live", "polite");
  node.head = make("header");
  node.scroll = make("div", group.is_folding ? "rows folding" : "rows");
  if (group.is_folding) node.scroll.tabIndex = 0;
  node.table = make("table");
  node.columns = make("thead");
  node.body = make("tbody");
  node.foot = make("div", "foot");
  node.table.append(node.columns, node.body);
  node.scroll.append(node.table);
  node.append(node.head, node.scroll, node.foot);
  return node;
};

const drawGroup = (node, group, root) => {
  const shown = JSON.stringify(group);
  if (node.shown === shown) return;
  node.shown = shown;
  node.group = group;
  drawHead(node, root);
  node.table.className = group.columns.length ? "table" : group.rows.some(({ label }) => label) ? "labelled" : "list";
  // Lines without labels are no table to a screen reader.
  const isList = node.table.className === "list";
  node.table.setAttribute("role", isList ? "presentation" : "table");
  if (isList) node.table.removeAttribute("aria-label");
  else node.table.setAttribute("aria-label", group.title);
  sync(node.columns, group.columns.some(({ name }) => name) || group.is_choice ? [group] : [],
    () => JSON.stringify([group.columns, group.is_choice && group.rows.map(({ id }) => id)]), () => buildColumns(group, root));
  fillElements(node.foot, group.foot);
  drawRows(node, root);
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  root.component = component;
  root.chosen ??= new Set();
  const nodes = sync(root, data.groups, ({ id }) => id, buildGroup);
  nodes.forEach((node, index) => drawGroup(node, data.groups[index], root));
  forwardClicks(root);
  updateTimes(root);
}
