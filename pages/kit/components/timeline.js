// One list of the events of every source; rows are reused by content, so that a tick only adds.
const LONG_SECONDS = 60;

const sincePrevious = (row, previous) => {
  if (!previous) return { text: "start", isLong: false };
  const seconds = (new Date(row.at) - new Date(previous.at)) / 1000;
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "+";
  let text = `${size < 10 ? size.toFixed(1) : Math.round(size)} s`;
  if (size >= 59.5 && size < 3570) text = `${Math.floor(Math.round(size) / 60)} min ${Math.round(size) % 60} s`;
  if (size >= 3570) text = `${(size / 3600).toFixed(1)} h`;
  return { text: `${sign}${text}`, isLong: size >= LONG_SECONDS };
};

const buildWhen = (row, previous) => {
  const when = make("div", "when");
  const since = sincePrevious(row, previous);
  const node = make("span", `since ${since.isLong ? "long" : ""}`, since.text);
  node.title = "Since the row before it";
  when.append(DRAW.time({ at: row.at }), node);
  return when;
};

const buildSource = (row) => {
  const source = make("div", "source");
  const name = make("span", "name");
  name.append(icon(row.icon), make("span", "", row.source));
  name.title = row.clock ? `${row.source}, by ${row.clock}` : row.source;
  source.append(name);
  if (row.clock) source.append(make("span", "small", row.clock));
  return source;
};

const buildText = (row) => {
  const said = make("div", "said");
  const words = make("span", "words", row.text);
  words.dir = "auto";
  let line = said;
  if (row.detail) {
    const details = make("details");
    line = make("summary");
    details.append(line, make("pre", "", row.detail));
    details.addEventListener("toggle", () => details.open && details.scrollIntoView({ block: "nearest" }));
    said.append(details);
  }
  line.append(words);
  if (row.link) line.append(DRAW.link({ text: "Open there", href: row.link }));
  if (row.detail) line.append(icon("expand_more"));
  return said;
};

const buildRow = (row, previous, hasGroups) => {
  const node = make("li", `row is-${row.tone || "plain"}`);
  node.append(make("span", "dot"), buildWhen(row, previous), buildSource(row), buildText(row));
  if (hasGroups) node.append(make("span", "small run", row.group));
  return node;
};

const shownRows = (state) =>
  state.data.rows.filter(
    (row) => (!state.source || row.source === state.source) && (!state.group || row.group === state.group),
  );

// Rows that stay the same keep their node, and with it whether they are open.
const fillList = (state) => {
  const hasGroups = state.groups.length > 1;
  const rows = shownRows(state);
  const items = rows.map((row, index) => ({ row, previous: rows[index - 1], }));
  sync(
    state.list,
    items,
    ({ row, previous }) => JSON.stringify([row, previous?.at, hasGroups]),
    ({ row, previous }) => buildRow(row, previous, hasGroups),
  );
  state.none.hidden = rows.length > 0;
};

const toLatest = (scroll) => {
  scroll.scrollTop = scroll.scrollHeight;
};

const buildFilter = (state, name, symbol, count) => {
  const node = make("button", "filter");
  node.type = "button";
  if (symbol) node.append(icon(symbol));
  node.append(make("span", "", name || "All"), make("b", "", String(count)));
  node.setAttribute("aria-pressed", String(state.source === name));
  node.addEventListener("click", () => {
    state.source = name;
    [...state.filters.querySelectorAll(".filter")].forEach((other) => other.setAttribute("aria-pressed", String(other === node)));
    fillList(state);
    toLatest(state.scroll);
  });
  return node;
};

const buildChoice = (state) => {
  const choice = make("select");
  choice.setAttribute("aria-label", "Run");
  choice.append(new Option("All runs", ""), ...state.groups.map((group) => new Option(group, group)));
  choice.value = state.group;
  choice.addEventListener("change", () => {
    state.group = choice.value;
    fillList(state);
    toLatest(state.scroll);
  });
  return choice;
};

const drawFilters = (state) => {
  const counts = new Map();
  state.data.rows.forEach((row) => counts.set(row.source, { icon: row.icon, count: (counts.get(row.source)?.count ?? 0) + 1 }));
  const wanted = JSON.stringify([...counts, state.groups]);
  if (state.filters.shown === wanted) return;
  state.filters.shown = wanted;
  if (!counts.has(state.source)) state.source = "";
  const each = [...counts].map(([name, { icon: symbol, count }]) => buildFilter(state, name, symbol, count));
  state.filters.replaceChildren(buildFilter(state, "", "", state.data.rows.length), ...each);
  if (state.groups.length > 1) state.filters.append(buildChoice(state));
};

const start = (root) => {
  const state = { source: "", group: "", groups: [] };
  state.filters = make("div", "filters");
  state.filters.setAttribute("role", "group");
  state.filters.setAttribute("aria-label", "Show only");
  state.scroll = make("div", "scroll");
  state.scroll.tabIndex = 0;
  state.scroll.setAttribute("role", "region");
  state.list = make("ol");
  state.none = make("div", "none", "No events from this source.");
  state.scroll.append(state.list, state.none);
  root.append(state.filters, state.scroll);
  return state;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  const isFirst = !root.state;
  root.state ??= start(root);
  const state = root.state;
  const wanted = JSON.stringify(data);
  if (root.shown !== wanted) {
    root.shown = wanted;
    const { scrollTop, clientHeight, scrollHeight } = state.scroll;
    const wasAtEnd = isFirst || scrollTop + clientHeight >= scrollHeight - 24;
    state.data = data;
    state.groups = [...new Set(data.rows.map((row) => row.group).filter(Boolean))];
    state.scroll.setAttribute("aria-label", data.label);
    drawFilters(state);
    fillList(state);
    if (wasAtEnd) requestAnimationFrame(() => toLatest(state.scroll));
  }
  updateTimes(root);
}
