// A table of parts; on a narrow screen each row becomes a few wrapped lines.
const buildBox = (label, isOn, onChange) => {
  const box = make("input");
  box.type = "checkbox";
  box.checked = isOn;
  box.setAttribute("aria-label", label);
  box.addEventListener("change", () => onChange(box.checked));
  return box;
};

// The boxes: what is chosen lives here, and Python is told of each change.
const buildPicks = (root, data) => {
  const boxes = new Map();
  const all = buildBox("Choose every row", false, (isOn) => {
    root.picked = new Set(isOn ? data.ids : []);
    tell();
  });
  const show = () => {
    boxes.forEach((box, id) => (box.checked = root.picked.has(id)));
    all.checked = data.ids.length > 0 && data.ids.every((id) => root.picked.has(id));
    all.indeterminate = !all.checked && data.ids.some((id) => root.picked.has(id));
  };
  const tell = () => {
    show();
    root.component.setStateValue("picked", [...root.picked]);
  };
  data.ids.forEach((id, number) =>
    boxes.set(
      id,
      buildBox(`Choose row ${number + 1}`, false, (isOn) => {
        if (isOn) root.picked.add(id);
        else root.picked.delete(id);
        tell();
      }),
    ),
  );
  show();
  return { all, boxes };
};

const buildHead = (columns, picks) => {
  const row = make("tr");
  if (picks) {
    const cell = make("th", "pick");
    cell.append(picks.all);
    row.append(cell);
  }
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

const buildBody = (data, picks) => {
  const body = make("tbody");
  body.append(
    ...data.rows.map((cells, number) => {
      const row = make("tr", number === data.chosen ? "chosen" : "");
      if (picks) {
        const cell = make("td", "pick");
        cell.append(picks.boxes.get(data.ids[number]));
        row.append(cell);
      }
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
    root.picked ??= new Set();
    const picks = data.ids && buildPicks(root, data);
    drawn.append(buildHead(data.columns, picks), buildBody(data, picks));
    root.replaceChildren(...(data.title ? [make("h3", "", data.title)] : []), drawn);
  }
  root.ongo ??= (event) => root.component.setTriggerValue("go", event.detail);
  root.addEventListener("atelier-go", root.ongo);
  keepTimes(root);
}
