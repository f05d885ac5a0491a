// The page's parts are made of elements and text alone: text from a file never becomes markup.

/** An element with attributes and children; a child that is no element is text. */
function element(tag, attributes = {}, ...children) {
  const made = tag === "svg" || SVG_TAGS.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  return fill(made, ...children);
}

/** Put children in the place of those that an element has; what is nothing is left out. */
function fill(place, ...children) {
  place.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return place;
}

const LATER = []; // what is drawn after the first paint: inputs that are closed, and why an option can't be

const SVG_TAGS = new Set(["rect", "path", "line", "circle", "g", "text"]);

/** Values in groups by a key, in their order. */
function groupBy(values, keyOfOne) {
  const groups = new Map();
  for (const value of values) groups.set(keyOfOne(value), [...(groups.get(keyOfOne(value)) ?? []), value]);
  return groups;
}

/** A text with a capital letter. */
function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function words(name) {
  return name.replaceAll("_", " ");
}

/** Options of which one is taken by a click or a key. */
function segments(legend, kind, name, options, now, choose) {
  const one = ([value, label]) => element("label", {}, element("input", { type: "radio", name, value, [`data-${kind}`]: value, checked: value === now, onchange: () => choose(value) }), element("span", {}, label));
  return element("fieldset", { class: "segments" }, element("legend", { class: "unseen" }, legend), ...options.map(one));
}

/** What may be wider than a phone: it scrolls by itself, by keyboard too. */
function scrolling(label, ...children) {
  return element("div", { class: "scroll", role: "group", "aria-label": label }, ...children);
}

function reachScrolling() {
  if (reaching) return;
  reaching = true;
  requestAnimationFrame(reachNow);
}

let reaching = false; // once a frame: asking for widths lays the page out

function reachNow() {
  reaching = false;
  for (const place of document.querySelectorAll(".scroll")) {
    if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
    else place.removeAttribute("tabindex");
  }
}

/** The letter of a side as text, where there are two. */
function letterOf(side) {
  return SIDES.length > 1 ? "AB"[side.index] : "";
}

/** The letter of a side, as a mark. */
function letter(side) {
  return letterOf(side) && element("span", { class: "letter" }, letterOf(side));
}

/** A sentence, after the letter of the side that it is about. */
function lettered(side, sentence) {
  return letterOf(side) ? `${letterOf(side)}: ${sentence}` : sentence;
}

/** What a plan is called; one of flags alone by what is chosen. */
function nameOf(side) {
  const label = (name) => tablesOf(side).options[name].find(({ value }) => value === side.merged.choices[name]);
  return side.plan.name || `${label("model").label} on ${label("gpu").value}`;
}

/** A side's name, after its letter where there are two. */
function named(side) {
  return [letter(side), nameOf(side)];
}

/** Text in which addresses can be followed; only those of the web are addresses. */
function linked(text) {
  const web = new RegExp(DATA.address, "iu");
  const parts = [];
  let rest = text;
  for (let found = rest.match(web); found; found = rest.match(web)) {
    parts.push(rest.slice(0, found.index), element("a", { href: found[0], rel: "noopener noreferrer", target: "_blank" }, found[0]));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...parts, rest];
}

/** A number's change in proportion, with its sign, as people say it: "+100%", "-90%". */
function proportion(now, before) {
  if (!before || Number.isNaN(now)) return ""; // from nothing there is no proportion
  const share = (now - before) / Math.abs(before);
  return Math.abs(share) < 5e-4 ? "" : `${share > 0 ? "+" : "-"}${digits(Math.abs(share) * 100, 2, false)}%`;
}

/** The unit of a figure next to its name; of an assumption its own. */
const headlineUnit = (name) => ABOUT[name].headline ?? ABOUT[name].unit;

/** How far a figure is from another value of it, with its sign: a share in points, a loss from a gain in its unit, all else in proportion. */
function distance(name, now, before) {
  const far = now - before;
  const { unit } = ABOUT[name];
  if (!(Math.abs(far) > 5e-4 * Math.abs(before))) return "";
  const sign = far > 0 ? "+" : "-";
  if (unit === "share") return `${sign}${digits(Math.abs(far) * 100, 2, false)} points`;
  return now * before < 0 ? `${sign}${showQuantity(Math.abs(far), headlineUnit(name))}` : proportion(now, before);
}
