// Builds elements. Texts become text nodes, never markup: what others wrote is shown as it is.

export const find = (selector) => document.querySelector(selector);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && !name.startsWith("aria")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// A colour of its own for each name, from a wheel of hues that all read well on both grounds.
export function makeFace(text, seed = text) {
  let hue = 7;
  for (const letter of seed) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  const face = make("span", { class: "face", "aria-hidden": "true" }, [...text.trim()][0] ?? "★");
  face.style.setProperty("--hue", hue);
  return face;
}

// A switch is a checkbox, so that a keyboard, a finger and a screen reader know what it is.
export function makeSwitch(label, isOn, change, properties = {}) {
  const input = make("input", { type: "checkbox", checked: isOn, ...properties });
  input.setAttribute("role", "switch");
  input.addEventListener("change", () => change(input.checked));
  return make("label", { class: "switch" }, make("span", {}, label), input);
}
