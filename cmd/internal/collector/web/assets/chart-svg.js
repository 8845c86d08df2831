// The elements of charts.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

// make returns an SVG element, or an HTML element if its name begins with a colon.
export function make(name, attributes = {}, ...children) {
  const e = name.startsWith(":") ? document.createElement(name.slice(1)) : document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

// arrange sets the children of an element. Unlike replaceChildren, it does not move
// existing children, so they keep the focus.
export function arrange(parent, children) {
  for (const e of [...parent.childNodes]) {
    if (!children.includes(e)) e.remove();
  }
  children.forEach((e, i) => {
    if (parent.childNodes[i] !== e) parent.insertBefore(e, parent.childNodes[i] ?? null);
  });
}
