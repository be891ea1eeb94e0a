// The grammar of every component: badge, chip, time, link, text, bar. Data only ever becomes
// textContent, src or a checked href.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};

const icon = (name) => {
  const node = make("span", "icon", name);
  node.setAttribute("aria-hidden", "true");
  return node;
};

const safeHref = (href) => {
  try {
    const url = new URL(href, document.baseURI);
    return ["https:", "http:"].includes(url.protocol) ? href : null;
  } catch {
    return null;
  }
};

const ago = (at) => {
  const seconds = Math.max(0, (Date.now() - at.getTime()) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 172800) return "yesterday";
  return at.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
};

const tellTime = (node) => {
  const text = ago(new Date(node.dateTime));
  if (node.textContent !== text) node.textContent = text;
};

const copy = async (node, text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const label = node.lastChild;
  const before = label.textContent;
  node.classList.add("copied");
  label.textContent = "Copied";
  setTimeout(() => {
    node.classList.remove("copied");
    label.textContent = before;
  }, 1200);
};

const DRAW = {
  badge: (part) => {
    const node = make("span", `badge tone-${part.tone}`);
    if (part.icon) node.append(icon(part.icon));
    node.append(make("span", "", part.text));
    return node;
  },
  chip: (part) => {
    const node = make("button", "chip");
    node.type = "button";
    node.title = `Copy ${part.copy.length > 80 ? "this" : part.copy}`;
    node.setAttribute("aria-label", `Copy ${part.name || part.copy}`);
    node.append(icon("content_copy"), make("span", "", part.text));
    node.addEventListener("click", () => copy(node, part.copy));
    return node;
  },
  time: (part) => {
    const node = make("time", "part");
    node.dateTime = part.at;
    node.title = new Date(part.at).toLocaleString(undefined, {
      dateStyle: "full", timeStyle: "long",
    });
    tellTime(node);
    return node;
  },
  link: (part) => {
    const href = safeHref(part.href);
    const node = make(href ? "a" : "span", "part", part.text);
    if (!href) return node;
    node.href = href;
    if (part.download) node.setAttribute("download", "");
    else if (/^https?:/.test(href)) {
      node.target = "_blank";
      node.rel = "noopener noreferrer";
    }
    return node;
  },
  go: (part) => {
    const node = make("button", "go", part.text);
    node.type = "button";
    node.addEventListener("click", () =>
      node.dispatchEvent(new CustomEvent("atelier-go", { detail: part.id, bubbles: true })),
    );
    return node;
  },
  go_badge: (part) => {
    const node = make("button", `badge tone-${part.tone}`);
    node.type = "button";
    if (part.icon) node.append(icon(part.icon));
    node.append(make("span", "", part.text));
    node.addEventListener("click", () =>
      node.dispatchEvent(new CustomEvent("atelier-go", { detail: part.id, bubbles: true })),
    );
    return node;
  },
  thumb: (part) => {
    const node = make("span", "thumb");
    if (part.src) setPicture(node, part);
    else node.append(icon("image"));
    return node;
  },
  share: (part) => {
    const node = make("span", "share");
    node.title = `${Math.round(part.value * 100)} %`;
    node.append(make("i"));
    node.firstChild.style.width = `${Math.round(part.value * 100)}%`;
    return node;
  },
  text: (part) => {
    const node = make("span", `part ${part.tone || ""}`, part.text);
    node.dir = "auto";
    return node;
  },
};

const fillParts = (holder, parts) => {
  const wanted = JSON.stringify(parts);
  if (holder.shownParts === wanted) return;
  holder.shownParts = wanted;
  holder.replaceChildren(...parts.map((part) => DRAW[part.kind](part)));
};

const setBar = (bar, value) => {
  if (!bar.firstChild) bar.append(make("i"));
  const known = typeof value === "number";
  bar.firstChild.classList.toggle("unknown", !known);
  bar.firstChild.style.width = known ? `${Math.round(value * 100)}%` : "";
  bar.setAttribute("role", "progressbar");
  if (known) bar.setAttribute("aria-valuenow", Math.round(value * 100));
  else bar.removeAttribute("aria-valuenow");
};

const keepTimes = (root) => {
  if (root.timesKept) return;
  root.timesKept = true;
  const timer = setInterval(() => {
    if (!root.isConnected) {
      clearInterval(timer);
      root.timesKept = false;
      return;
    }
    root.querySelectorAll("time").forEach(tellTime);
  }, 15000);
};

// Shows the blur-up first and tells a missing file apart from one that is still loading.
const setPicture = (frame, picture) => {
  const key = picture.key;
  if (frame.shownKey === key && !frame.classList.contains("missing")) return;
  frame.shownKey = key;
  frame.classList.remove("missing", "loaded");
  const blur = picture.placeholder || "";
  frame.style.backgroundImage = blur.startsWith("data:image/webp;base64,") ? `url("${blur.replace(/["\\\n]/g, "")}")` : "";
  const image = make("img");
  image.alt = picture.alt || "";
  image.loading = picture.eager ? "eager" : "lazy";
  image.decoding = "async";
  image.draggable = false;
  image.addEventListener("load", () => frame.classList.add("loaded"));
  image.addEventListener("error", () => frame.classList.add("missing"));
  image.src = picture.src;
  const lost = make("span", "lost");
  lost.append(icon("hide_image"), make("span", "", "Picture missing"));
  frame.replaceChildren(image, lost);
};
