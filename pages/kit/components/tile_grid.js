// Sections of tiles, diffed by id, so that a tick changes only what changed.
const tileTag = (tile, mode) => (mode !== "open" ? "button" : tile.href ? "a" : "div");

const buildTile = (tile, state) => {
  const mode = state.data.mode;
  const item = make(mode === "open" ? "li" : "div", "");
  const node = make(tileTag(tile, mode), "tile");
  if (node.tagName === "BUTTON") node.type = "button";
  item.tile = node;
  node.frame = make("span", "frame");
  node.below = make("span", "words-below");
  node.below.append(make("span", "caption"), make("span", "sub"));
  node.append(node.frame, node.below);
  node.tabIndex = -1;
  node.addEventListener("click", (event) => state.clicked(event, node.tileId));
  item.append(node);
  return item;
};

const drawPhoto = (frame, tile) => {
  let photo = frame.querySelector(":scope > .photo");
  if (!tile.src) {
    photo?.remove();
    return;
  }
  if (!photo) {
    photo = make("span", "photo");
    frame.prepend(photo);
  }
  photo.classList.toggle("drawing", tile.is_drawing);
  if (tile.is_drawing) photo.style.setProperty("--drawing", `url("${tile.src.replace(/["\\\n]/g, "")}")`);
  // The words below name it; a picture without any needs a text of its own.
  setPicture(photo, { ...tile, alt: tile.caption ? "" : tile.alt });
};

const drawNote = (frame, tile, state) => {
  const note = make("span", "note");
  const words = make("span", "words", tile.note);
  words.dir = "auto";
  note.append(words);
  if (tile.action) {
    const act = make("button", "act", tile.action);
    act.type = "button";
    act.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      state.component.setTriggerValue("act", tile.id);
    });
    note.append(act);
  }
  if (tile.is_running) {
    const bar = make("span", "bar");
    setBar(bar, tile.progress, tile.caption || "Progress");
    note.append(bar);
  }
  frame.append(note);
};

const drawOver = (frame, tile, state) => {
  const wanted = JSON.stringify([tile.badge, tile.note, tile.action, tile.is_running]);
  const bar = frame.querySelector(".note .bar");
  if (frame.shownOver === wanted && bar) setBar(bar, tile.progress, tile.caption || "Progress");
  if (frame.shownOver === wanted) return;
  frame.shownOver = wanted;
  frame.querySelectorAll(":scope > :not(.photo)").forEach((old) => old.remove());
  if (tile.badge) frame.append(DRAW.badge({ kind: "badge", ...tile.badge }));
  if (tile.note || tile.action || tile.is_running) drawNote(frame, tile, state);
  const mark = make("span", "mark");
  mark.append(icon("check"));
  frame.append(mark);
};

const drawTile = (item, tile, state) => {
  const node = item.tile;
  node.tileId = tile.id;
  item.className = tile.src ? "" : `is-${tile.badge?.tone ?? "none"}`;
  if (tile.href && node.tagName === "A") node.href = tile.href;
  node.title = tile.note || tile.caption;
  drawPhoto(node.frame, tile);
  drawOver(node.frame, tile, state);
  const [caption, sub] = node.below.children;
  if (caption.textContent !== tile.caption) caption.textContent = tile.caption;
  if (sub.textContent !== tile.sub) sub.textContent = tile.sub;
  node.below.hidden = !tile.caption && !tile.sub;
  if (state.data.mode !== "open") {
    node.setAttribute("role", state.data.mode === "one" ? "radio" : "checkbox");
    node.setAttribute("aria-checked", String(state.picked.has(tile.id)));
  }
};

const drawTiles = (list, tiles, state) =>
  sync(
    list,
    tiles,
    (tile) => `${tileTag(tile, state.data.mode)} ${tile.id}`,
    (tile) => buildTile(tile, state),
  ).forEach((item, index) => drawTile(item, tiles[index], state));

const drawHead = (head, section) => {
  head.hidden = !section.title && !section.elements.length && !section.bar_text;
  const [row, going] = head.children;
  const [title, elements] = row.children;
  if (title.textContent !== section.title) title.textContent = section.title;
  title.hidden = !section.title;
  fillElements(elements, section.elements);
  going.hidden = !section.bar_text;
  going.style.display = section.bar_text ? "" : "none";
  if (!section.bar_text) return;
  setBar(going.children[0], section.bar, section.title || "Progress");
  going.children[1].textContent = section.bar_text;
};

const buildSection = () => {
  const node = make("section", "section");
  const head = make("header", "head");
  const row = make("div", "title");
  row.append(make("h3"), make("div", "elements"));
  const going = make("div", "going");
  going.append(make("div", "bar"), make("span", "part"));
  head.append(row, going);
  node.append(head);
  return node;
};

// A list of links and pictures, or a group of radio buttons or boxes.
const listOf = (node, mode) => {
  if (node.list?.mode === mode) return node.list;
  node.list?.remove();
  node.list = make(mode === "open" ? "ul" : "div", mode === "open" ? "tiles" : "tiles pick");
  node.list.mode = mode;
  if (mode !== "open") node.list.setAttribute("role", mode === "one" ? "radiogroup" : "group");
  node.append(node.list);
  return node.list;
};

const drawSections = (root, state) =>
  sync(root, state.data.sections, (section) => section.id, buildSection).forEach((node, index) => {
    const section = state.data.sections[index];
    drawHead(node.children[0], section);
    const list = listOf(node, state.data.mode);
    list.setAttribute("aria-label", section.title || state.data.label);
    drawTiles(list, section.tiles, state);
  });

// As many columns as fit, two at least, and whole groups (a variation's pictures) in each row.
const fitColumns = (root, state) => {
  const fit = Math.floor((root.clientWidth + 12) / (state.data.min + 12));
  const group = state.data.group;
  root.style.setProperty("--columns", Math.max(2, group, fit - (fit % group)));
};

// Arrow keys move between tiles; one tile at a time is in the tab order.
const rove = (root) => {
  const all = () => [...root.querySelectorAll(".tile")];
  const perRow = (tiles, from) => {
    const top = tiles[from].offsetTop;
    return tiles.filter((tile) => tile.offsetTop === top && tile.closest(".tiles") === tiles[from].closest(".tiles")).length;
  };
  root.addEventListener("keydown", (event) => {
    const tiles = all();
    const at = tiles.indexOf(event.target);
    if (at < 0) return;
    const row = perRow(tiles, at);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -at, End: tiles.length - 1 - at }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tiles[Math.max(0, Math.min(tiles.length - 1, at + step))];
    tiles.forEach((tile) => (tile.tabIndex = -1));
    next.tabIndex = 0;
    next.focus();
  });
};

const keepOneInTabOrder = (root) => {
  const tiles = [...root.querySelectorAll(".tile")];
  if (!tiles.length || tiles.some((tile) => tile.tabIndex === 0)) return;
  (tiles.find((tile) => tile.getAttribute("aria-checked") === "true") ?? tiles[0]).tabIndex = 0;
};

const start = (root) => {
  const state = { picked: new Set() };
  state.clicked = (event, id) => {
    if (!PLAIN_CLICK(event)) return;
    if (state.data.mode === "open") {
      const tile = event.currentTarget;
      if (!tile.href) return;
      event.preventDefault();
      state.component.setTriggerValue("open", id);
      return;
    }
    if (state.data.is_locked) return;
    state.component.setTriggerValue("pick", id);
  };
  rove(root);
  new ResizeObserver(() => fitColumns(root, state)).observe(root);
  return state;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  root.state ??= start(root);
  const state = root.state;
  root.component = state.component = component;
  const isTurned = state.data && state.data.page !== data.page;
  state.data = data;
  state.picked = new Set(data.picked);
  fitColumns(root, state);
  drawSections(root, state);
  keepOneInTabOrder(root);
  if (isTurned && root.getBoundingClientRect().top < 0) root.scrollIntoView();
  forwardClicks(root);
  updateTimes(root);
}
