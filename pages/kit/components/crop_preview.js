// The part of a picture that a channel gets. The geometry is `crop_box` of services/media/presets.py
// in shares: the focus stands in the middle, as far as the picture reaches.
const STEP = 0.02;
const SAY_AFTER_MS = 350;
const MOST_HEIGHT = 380;

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

const frameOf = (data, preset, focus) => {
  const shape = preset.width / preset.height;
  const wide = data.width / data.height > shape;
  const width = wide ? (data.height * shape) / data.width : 1;
  const height = wide ? 1 : data.width / shape / data.height;
  return {
    width,
    height,
    left: clamp(focus[0] - width / 2, 0, 1 - width),
    top: clamp(focus[1] - height / 2, 0, 1 - height),
  };
};

const place = (node, box) => {
  for (const side of ["left", "top", "width", "height"]) node.style[side] = `${box[side] * 100}%`;
};

// Where the frame cannot move any further, the focus does not either.
const centred = (frame) => [frame.left + frame.width / 2, frame.top + frame.height / 2];

const sayNow = (state) => {
  if (!state.timer) return;
  clearTimeout(state.timer);
  state.timer = null;
  const point = state.focus.map((share) => Math.round(share * 1000) / 1000);
  state.component.setStateValue("focus", point);
};

const say = (state) => {
  clearTimeout(state.timer);
  state.timer = setTimeout(() => sayNow(state), SAY_AFTER_MS);
};

const move = (state, dx, dy) => {
  const frame = frameOf(state.data, state.preset, state.focus);
  const [x, y] = centred(frame);
  if (frame.width < 1) state.focus[0] = clamp(x + dx, frame.width / 2, 1 - frame.width / 2);
  if (frame.height < 1) state.focus[1] = clamp(y + dy, frame.height / 2, 1 - frame.height / 2);
  drawFrame(state);
  say(state);
};

const drawFrame = (state) => {
  const { data, preset, crop, focus } = state;
  const frame = frameOf(data, preset, focus);
  place(crop, frame);
  // At most one direction is free; the other one still scrolls the page under a finger.
  state.picture.style.touchAction = frame.width < 1 ? "pan-y" : frame.height < 1 ? "pan-x" : "auto";
  const [x, y] = centred(frame).map((share) => Math.round(share * 100));
  state.status.textContent = `Middle of the frame: ${x}% from the left, ${y}% from the top`;
};

const drawPreset = (state) => {
  const { data, preset } = state;
  state.crop.setAttribute("aria-label", `Frame of ${preset.label}, ${preset.width} by ${preset.height} pixels. Arrow keys move it`);
  state.crop.replaceChildren(
    ...preset.covered.map((part) => {
      const node = make("span", "covered");
      node.title = part.by;
      place(node, part);
      return node;
    }),
  );
  const covers = preset.covered.map((part) => part.by).join("; ");
  state.hint.textContent =
    `${preset.width} × ${preset.height}. Drag the frame, or move it with the arrow keys.` +
    (covers ? ` Shaded is what ${preset.label} covers: ${covers}.` : "");
  state.tabs.querySelectorAll(".tab").forEach((tab) => tab.setAttribute("aria-pressed", String(tab.presetId === preset.id)));
  drawFrame(state);
  fit(state, data);
};

const fit = (state, data) => {
  const room = state.stage.clientWidth || 1;
  const scale = Math.min(room / data.width, MOST_HEIGHT / data.height);
  state.picture.style.width = `${data.width * scale}px`;
  state.picture.style.height = `${data.height * scale}px`;
};

const drawTabs = (state) => {
  const wanted = JSON.stringify(state.data.presets.map((preset) => preset.id));
  if (state.shownTabs === wanted) return;
  state.shownTabs = wanted;
  state.tabs.replaceChildren(
    make("span", "label", "Preview"),
    ...state.data.presets.map((preset) => {
      const tab = make("button", "tab", preset.label);
      tab.type = "button";
      tab.presetId = preset.id;
      tab.addEventListener("click", () => {
        state.preset = preset;
        drawPreset(state);
      });
      return tab;
    }),
  );
};

const drag = (state) => {
  const { picture } = state;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    state.from = [event.clientX, event.clientY];
    state.isMoved = false;
    picture.setPointerCapture(event.pointerId);
    state.crop.focus({ preventScroll: true });
    event.preventDefault();
  });
  picture.addEventListener("pointermove", (event) => {
    if (!state.from) return;
    const [dx, dy] = [event.clientX - state.from[0], event.clientY - state.from[1]];
    if (!state.isMoved && Math.hypot(dx, dy) < 3) return;
    state.isMoved = true;
    state.from = [event.clientX, event.clientY];
    const size = picture.getBoundingClientRect();
    move(state, dx / size.width, dy / size.height);
  });
  picture.addEventListener("pointerup", (event) => {
    if (state.from && !state.isMoved) {
      const size = picture.getBoundingClientRect();
      const [x, y] = centred(frameOf(state.data, state.preset, state.focus));
      move(state, (event.clientX - size.left) / size.width - x, (event.clientY - size.top) / size.height - y);
    }
    state.from = null;
  });
  picture.addEventListener("pointercancel", () => (state.from = null));
};

const keys = (state) =>
  state.crop.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? STEP * 5 : STEP;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    move(state, ...by);
  });

const start = (root, data) => {
  const state = { focus: [...data.focus] };
  state.tabs = make("div", "tabs");
  state.tabs.setAttribute("role", "group");
  state.tabs.setAttribute("aria-label", "Channel to preview");
  state.stage = make("div", "stage");
  state.picture = make("div", "picture");
  state.photo = make("span", "photo");
  state.crop = make("button", "crop");
  state.crop.type = "button";
  state.status = make("span", "unseen");
  state.status.setAttribute("aria-live", "polite");
  state.hint = make("div", "hint");
  state.picture.append(state.photo, state.crop);
  state.stage.append(state.picture);
  root.append(state.tabs, state.stage, state.hint, state.status);
  drag(state);
  keys(state);
  // Whoever goes on to the button at once is heard before it is.
  state.crop.addEventListener("blur", () => sayNow(state));
  new ResizeObserver(() => fit(state, state.data)).observe(state.stage);
  return state;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  root.state ??= start(root, data);
  const state = root.state;
  state.component = component;
  state.data = data;
  state.preset = data.presets.find((preset) => preset.id === state.preset?.id) ?? data.presets[0];
  setPicture(state.photo, { ...data, eager: true });
  drawTabs(state);
  drawPreset(state);
}
