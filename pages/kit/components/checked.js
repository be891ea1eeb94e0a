// One line of what was asked; what failed says so below it, and a click shows all sentences.
const LOOK = (part) => {
  if (part.is_ok === null) return { tone: "unasked", symbol: "remove", word: "not asked" };
  return part.is_ok
    ? { tone: "ok", symbol: "check", word: "fine" }
    : { tone: "bad", symbol: "close", word: "failed" };
};

const buildPart = (part) => {
  const look = LOOK(part);
  const node = make("span", `asked ${look.tone}`);
  node.title = part.sentence;
  node.setAttribute("aria-label", `${part.name}: ${look.word}`);
  node.setAttribute("role", "img");
  node.append(make("span", "", part.name), icon(look.symbol));
  return node;
};

const buildTold = (parts) =>
  parts.flatMap((part) => {
    const look = LOOK(part);
    const name = make("dt", look.tone);
    name.append(icon(look.symbol), make("span", "", part.name));
    return [name, make("dd", look.tone, part.sentence || (part.is_ok === null ? "Not asked." : ""))];
  });

const draw = (root) => {
  const toggle = make("button", "toggle");
  toggle.type = "button";
  toggle.append(icon("chevron_right"), make("span", "", "What was checked"));
  toggle.setAttribute("aria-expanded", String(root.isOpen));
  const told = make("dl", "told");
  const fill = () => told.replaceChildren(...buildTold(root.parts.filter((part) => root.isOpen || part.is_ok === false)));
  toggle.addEventListener("click", () => {
    root.isOpen = !root.isOpen;
    toggle.setAttribute("aria-expanded", String(root.isOpen));
    fill();
  });
  const line = make("div", "line");
  line.append(toggle, ...root.parts.map(buildPart));
  fill();
  root.replaceChildren(line, told);
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  const wanted = JSON.stringify(data);
  if (root.shown === wanted) return;
  const hadFocus = root.contains(root.getRootNode().activeElement);
  root.shown = wanted;
  root.parts = data.parts;
  root.isOpen ??= false;
  draw(root);
  if (hadFocus) root.querySelector(".toggle").focus();
}
