// The verdict; polite for screen readers, and left alone by a tick that brings nothing new.
const build = () => {
  const node = make("section", "verdict");
  const body = make("div", "");
  body.setAttribute("aria-live", "polite");
  body.append(make("h2"), make("p"), make("div", "parts"));
  node.append(make("span", "mark"), body);
  return node;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  if (!root.firstChild) root.append(build());
  const [mark, body] = root.firstChild.children;
  const [title, sentence, parts] = body.children;
  mark.className = `mark tone-${data.tone}`;
  if (mark.textContent !== data.icon) mark.replaceChildren(icon(data.icon));
  if (title.textContent !== data.title) title.textContent = data.title;
  if (sentence.textContent !== data.sentence) sentence.textContent = data.sentence;
  fillParts(parts, data.parts);
  parts.style.display = data.parts.length ? "" : "none";
  keepTimes(root);
}
