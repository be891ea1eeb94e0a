// The elements of every component: badge, button, chip, link, share, text, thumb, time. Data only
// ever becomes textContent, src or a checked href.
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

const showAge = (node) => {
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

const PLAIN_CLICK = (event) => !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);

const sendClick = (node, id) =>
  node.dispatchEvent(new CustomEvent("atelier-click", { detail: id, bubbles: true }));

const DRAW = {
  badge: (element) => {
    const node = make(element.id ? "button" : "span", `badge tone-${element.tone}`);
    if (element.icon) node.append(icon(element.icon));
    node.append(make("span", "", element.text));
    if (element.id) {
      node.type = "button";
      node.addEventListener("click", () => sendClick(node, element.id));
    }
    return node;
  },
  button: (element) => {
    const node = make("button", `go ${element.tone || ""}`, element.text);
    node.type = "button";
    node.addEventListener("click", () => sendClick(node, element.id));
    return node;
  },
  chip: (element) => {
    const node = make("button", "chip");
    node.type = "button";
    node.title = `Copy ${element.copy.length > 80 ? "this" : element.copy}`;
    // The name holds the visible text, as speech control needs.
    node.setAttribute("aria-label", element.text === "Copy" ? `Copy ${element.name}` : `Copy ${element.name} ${element.text}`);
    node.append(icon("content_copy"), make("span", "", element.text));
    node.addEventListener("click", () => copy(node, element.copy));
    return node;
  },
  link: (element) => {
    const href = element.href && safeHref(element.href);
    const node = make(href ? "a" : "span", `part ${element.tone || ""}`, element.text);
    node.dir = "auto";
    if (!href) return node;
    node.href = href;
    if (element.id) {
      node.addEventListener("click", (event) => {
        if (!PLAIN_CLICK(event)) return;
        event.preventDefault();
        sendClick(node, element.id);
      });
    } else if (element.download) node.setAttribute("download", "");
    else if (/^https?:/.test(href)) {
      node.target = "_blank";
      node.rel = "noopener noreferrer";
    }
    return node;
  },
  share: (element) => {
    const node = make("span", "share");
    node.title = `${Math.round(element.value * 100)} %`;
    node.append(make("i"));
    node.firstChild.style.width = node.title.replace(" ", "");
    return node;
  },
  text: (element) => {
    const node = make("span", `part ${element.tone || ""}`);
    node.dir = "auto";
    if (element.icon) node.append(icon(element.icon));
    node.append(element.text);
    if (element.title) node.title = element.title;
    return node;
  },
  thumb: (element) => {
    const node = make("span", "thumb");
    if (element.src) setPicture(node, element);
    else node.append(icon("image"));
    return node;
  },
  time: (element) => {
    const node = make("time", "part");
    node.dateTime = element.at;
    node.title = new Date(element.at).toLocaleString(undefined, {
      dateStyle: "full", timeStyle: "long",
    });
    showAge(node);
    return node;
  },
};

const fillElements = (holder, elements) => {
  const shown = JSON.stringify(elements);
  if (holder.shownElements === shown) return;
  holder.shownElements = shown;
  holder.replaceChildren(...elements.map((element) => DRAW[element.kind](element)));
};

// Makes the children of `holder` those of `items`; a child whose key stays is reused.
const sync = (holder, items, keyOf, build) => {
  const old = new Map([...holder.children].map((node) => [node.itemKey, node]));
  const nodes = items.map((item) => {
    const key = keyOf(item);
    const node = old.get(key) ?? build(item);
    old.delete(key);
    node.itemKey = key;
    return node;
  });
  const used = new Set(nodes);
  [...holder.children].filter((node) => !used.has(node)).forEach((node) => node.remove());
  nodes.forEach((node, index) => {
    if (holder.children[index] !== node) holder.insertBefore(node, holder.children[index] ?? null);
  });
  return nodes;
};

// Python gets the id of the element that was clicked as the trigger `clicked`.
const forwardClicks = (root) => {
  root.forward ??= (event) => root.component.setTriggerValue("clicked", event.detail);
  root.addEventListener("atelier-click", root.forward);
};

const setBar = (bar, value, name) => {
  if (!bar.firstChild) bar.append(make("i"));
  const known = typeof value === "number";
  bar.firstChild.classList.toggle("unknown", !known);
  bar.firstChild.style.width = known ? `${Math.round(value * 100)}%` : "";
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", name);
  if (known) bar.setAttribute("aria-valuenow", Math.round(value * 100));
  else bar.removeAttribute("aria-valuenow");
};

const updateTimes = (root) => {
  if (root.hasTimer) return;
  root.hasTimer = true;
  const timer = setInterval(() => {
    if (!root.isConnected) {
      clearInterval(timer);
      root.hasTimer = false;
      return;
    }
    root.querySelectorAll("time").forEach(showAge);
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
