// Two pictures and a handle between them: what is left of it shows the first, the rest the second.
const STEPS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };

const moveTo = (root, share) => {
  root.at = Math.max(0, Math.min(100, share));
  root.compare.style.setProperty("--at", `${root.at}%`);
  const percent = Math.round(root.at);
  root.handle.setAttribute("aria-valuenow", String(percent));
  root.handle.setAttribute("aria-valuetext", `${percent}% ${root.names[0]}, ${100 - percent}% ${root.names[1]}`);
};

const follow = (root, event) => {
  const box = root.compare.getBoundingClientRect();
  if (box.width) moveTo(root, ((event.clientX - box.left) / box.width) * 100);
};

const listen = (root) => {
  const { compare, handle } = root;
  compare.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    compare.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    follow(root, event);
  });
  compare.addEventListener("pointermove", (event) => {
    if (compare.hasPointerCapture(event.pointerId)) follow(root, event);
  });
  handle.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    moveTo(root, root.at + step);
  });
};

const buildSide = (name) => {
  const side = make("div", `side ${name}`);
  side.photo = make("span", "photo");
  side.label = make("span", "label");
  side.append(side.photo, side.label);
  return side;
};

const build = (root) => {
  root.compare = make("div", "compare");
  root.before = buildSide("before");
  root.after = buildSide("after");
  root.handle = make("div", "handle");
  root.handle.tabIndex = 0;
  root.handle.setAttribute("role", "slider");
  root.handle.setAttribute("aria-valuemin", "0");
  root.handle.setAttribute("aria-valuemax", "100");
  root.handle.setAttribute("aria-orientation", "horizontal");
  const knob = make("span", "knob");
  knob.append(icon("swap_horiz"));
  root.handle.append(knob);
  root.compare.append(root.after, root.before, root.handle);
  root.append(root.compare);
  listen(root);
};

const drawSide = (side, picture) => {
  setPicture(side.photo, { ...picture, key: picture.key || picture.src, eager: true });
  side.label.textContent = picture.label;
  side.label.hidden = !picture.label;
};

// The frame takes the second picture's shape; the first is fitted into it.
const takeShape = (root) => {
  const image = root.after.photo.querySelector("img");
  const shape = () => {
    if (!image.naturalWidth) return;
    root.compare.style.setProperty("--shape", `${image.naturalWidth} / ${image.naturalHeight}`);
    root.compare.style.setProperty("--shape-number", image.naturalWidth / image.naturalHeight);
  };
  image.addEventListener("load", shape);
  shape();
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  if (!root.compare) build(root);
  root.names = [data.before.label, data.after.label];
  root.handle.setAttribute("aria-label", `Compare ${data.before.alt} with ${data.after.alt}`);
  drawSide(root.before, data.before);
  drawSide(root.after, data.after);
  takeShape(root);
  moveTo(root, root.at ?? 50);
}
