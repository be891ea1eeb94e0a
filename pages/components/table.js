// A table of parts; on a narrow screen each row becomes a few wrapped lines.
const buildHead = (columns) => {
  const row = make("tr");
  row.append(
    ...columns.map((column) => {
      const cell = make("th", column.is_number ? "number" : "", column.name);
      cell.scope = "col";
      return cell;
    }),
  );
  const head = make("thead");
  head.append(row);
  return head;
};

const buildCell = (column, parts) => {
  const cell = make("td", [column.is_number && "number", column.is_wide && "wide"].filter(Boolean).join(" "));
  const holder = make("div", "cell");
  holder.dataset.name = column.name;
  cell.classList.toggle("empty", !parts.length);
  fillParts(holder, parts);
  cell.append(holder);
  return cell;
};

const buildBody = (data) => {
  const body = make("tbody");
  body.append(
    ...data.rows.map((cells, number) => {
      const row = make("tr", number === data.chosen ? "chosen" : "");
      row.append(...cells.map((parts, index) => buildCell(data.columns[index], parts)));
      return row;
    }),
  );
  return body;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  root.component = component;
  const wanted = JSON.stringify(data);
  if (root.shown !== wanted) {
    root.shown = wanted;
    const drawn = make("table");
    drawn.append(buildHead(data.columns), buildBody(data));
    root.replaceChildren(...(data.title ? [make("h3", "", data.title)] : []), drawn);
  }
  root.ongo ??= (event) => root.component.setTriggerValue("go", event.detail);
  root.addEventListener("atelier-go", root.ongo);
  keepTimes(root);
}
