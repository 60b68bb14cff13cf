// Making elements.

/** The element with an id. */
export const byId = (id) => document.getElementById(id);

/**
 * An element of a class, with attributes and children. Texts become text nodes, never markup.
 * Children that are null or false are left out.
 */
export function make(tag, name = "", attributes = {}, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Put an element at a share of a width; the policy of the page forbids style attributes. */
export function put(element, left, width) {
  element.style.left = `${left * 100}%`;
  if (width !== undefined) element.style.width = `${width * 100}%`;
  return element;
}
