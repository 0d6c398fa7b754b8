// Building and patching the page: elements only, never markup from text.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `tag` is "div.class.class", attributes with null or false are left out. */
export function h(tag, attributes = {}, ...children) {
  return built(document.createElement(tag.split(".")[0]), tag, attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return built(document.createElementNS(SVG, tag.split(".")[0]), tag, attributes, children);
}

function built(node, tag, attributes, children) {
  const classes = tag.split(".").slice(1);
  if (classes.length) node.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat(4).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Make the children of `node` those of `fresh`, and touch nothing that is so already: what has the
 * focus keeps it, and a finger on a button stays on the same button. */
export function patch(node, fresh) {
  const now = [...node.childNodes];
  const next = [...fresh.childNodes];
  next.forEach((child, place) => {
    const old = now[place];
    if (!old) node.append(child);
    else if (isAlike(old, child)) patchOne(old, child);
    else old.replaceWith(child);
  });
  now.slice(next.length).forEach((child) => child.remove());
}

function isAlike(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName
    && keyOf(old) === keyOf(fresh);
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null;
}

function patchOne(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  patch(old, fresh);
}
