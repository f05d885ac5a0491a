// The inputs: one row an assumption, a field a side, in the words and units of a person.

const STEPS = 200; // of a slider

/** Where a slider runs: over what is allowed where that is a share or near, else from a tenth to ten times the value. */
function track(name, value) {
  const about = ABOUT[name];
  if (about.unit === "share" && about.high <= 1) return { low: about.low, high: about.high, log: false };
  if (value <= 0 || about.endless) return null;
  const low = Math.max(about.low, value / 10);
  const high = Math.min(about.high, value * 10);
  return low < high ? { low, high, log: low > 0 } : null;
}

function onTrack(where, value) {
  const share = where.log ? Math.log(value / where.low) / Math.log(where.high / where.low) : (value - where.low) / (where.high - where.low);
  return Math.round(STEPS * Math.min(1, Math.max(0, share)));
}

function fromTrack(name, where, step) {
  const share = step / STEPS;
  const value = where.log ? where.low * Math.pow(where.high / where.low, share) : where.low + share * (where.high - where.low);
  const kept = ABOUT[name].whole ? Math.round(value) : value;
  return inputText(name, kept, ABOUT[name].whole ? 15 : 3);
}

/** What an input is called: its label and name, as they stand above it, and its side where there are two. */
function called(side, name) {
  return `${ABOUT[name].label} ${name} ${letterOf(side)}`.trim();
}

/** The button that takes a change back, and leads back to its input. */
function resetOf(side, name, label, input) {
  return element("button", { type: "button", class: "reset", "data-reset": name, "aria-label": `Reset ${label}`, onclick: () => {
    name === "gpu" ? chooseGpu(side) : forget(side, name);
    recompute(side);
    if (input.type === "text") input.value = shownInput(side, name);
    drawSoon();
    tell(side);
    input.focus();
  } }, "Reset");
}

function field(side, name) {
  const id = `input-${side.index}-${name}`;
  const sized = name === "gpus_per_replica";
  const where = !sized && !OWN.test(name) && track(name, side.plan.values[name]);
  const label = called(side, name);
  const about = { "data-side": side.index, onchange: () => tell(side) };
  const text = element("input", {
    ...about,
    id,
    type: "text",
    spellcheck: "false",
    autocapitalize: "off",
    autocorrect: "off",
    "data-assumption": name,
    "aria-label": label,
    "aria-describedby": `${id}-error`,
    oninput: () => changeInput(side, name, text.value),
  });
  const slider =
    where &&
    element("input", {
      ...about,
      type: "range",
      min: 0,
      max: STEPS,
      "data-slider": name,
      "aria-label": `${label}, slider`,
      oninput: () => {
        text.value = fromTrack(name, where, Number(slider.value));
        changeInput(side, name, text.value);
      },
    });
  const sizes = sized && segments(`${label}, usual`, "size", `size-${side.index}`, DATA.sizes.map((size) => [String(size), String(size)]), "", (size) => {
    text.value = size;
    take(side, { [name]: size });
  });
  return element("div", { class: "field" }, letter(side), text, resetOf(side, name, label, text), slider, sizes, element("p", { id: `${id}-error`, class: "error" }));
}

function row(name) {
  const about = ABOUT[name];
  if (OWN.test(name)) return element("div", { class: "input" }, element("span", { class: "origin" }, isOfProducts(name) ? `${name.split(".")[1]}: ${name.endsWith(".share") ? "share" : "price per second"}` : ABOUT[name.split(".").at(-1)].label), ...SIDES.filter((side) => innerNames(side).includes(name)).map((side) => field(side, name)));
  const plain = SIDES.every((side) => !side.plan.given[name].set);
  const range = [...new Set(SIDES.map((side) => side.plan.given[name].range).filter(Boolean))];
  const note = range.length ? range.join(" and ") : plain ? "default" : "";
  return element("div", { class: "input", "data-row": name },
    element("span", { class: "origin" }, element("button", { type: "button", class: "label", title: `${name}: where it comes from`, "aria-label": `source of ${about.label}, ${name}`, onclick: () => explain(name, 0) }, about.label),
      element("code", {}, name), note && element("span", { class: "soft", "data-note": name }, note)),
    ...SIDES.map((side) => field(side, name)));
}

/** The options of a choice, in groups; each with what it brings after its name. */
function choiceField(side, name) {
  const { names, options } = tablesOf(side);
  const id = `choice-${side.index}-${name}`;
  const label = `${names[name].label} ${letterOf(side)}`.trim();
  const option = ({ value, label: shown, brings }) => element("option", { value, "data-says": brings ? `${shown}: ${brings}` : shown });
  const groups = new Map();
  for (const one of options[name]) groups.set(one.group ?? "", [...(groups.get(one.group ?? "") ?? []), option(one)]);
  const list = [...groups].flatMap(([group, made]) => (group ? [element("optgroup", { label: group }, ...made)] : made));
  const select = element("select", { id, "data-choice": name, "data-side": side.index, "aria-label": label, "aria-describedby": `${id}-error`, onchange: () => take(side, { [name]: select.value }) }, ...list);
  return element("div", { class: "field chosen" }, letter(side), select, resetOf(side, name, label, select), element("p", { class: "brings" }), element("p", { id: `${id}-error`, class: "error" }));
}

function choiceRow(name) {
  return element("div", { class: "input" }, element("label", { for: `choice-0-${name}` }, name === "gpu" ? "GPU" : capital(words(name))), ...SIDES.map((side) => choiceField(side, name)));
}

/** Show the options in force; one that the command line would refuse with the others can't be chosen, and says why. */
function markChoices() {
  for (const select of document.querySelectorAll("select[data-choice]")) {
    const side = SIDES[select.dataset.side];
    const name = select.dataset.choice;
    const error = errorOf(side, name);
    const changed = Object.hasOwn(side.picks, name);
    markOptions(side, name, select);
    select.value = side.merged.choices[name];
    select.toggleAttribute("data-changed", changed);
    select.setAttribute("aria-invalid", error ? "true" : "false");
    document.getElementById(`${select.id}-error`).textContent = error;
    select.parentElement.querySelector(".reset").hidden = !changed;
    select.parentElement.querySelector(".brings").textContent = ["model", "gpu"].includes(name) ? (tablesOf(side).options[name].find(({ value }) => value === select.value)?.brings ?? "") : "";
  }
}

/** Say of each option what it brings, or why it can't be; asked anew where other options are in force, since that takes time. */
function markOptions(side, name, select) {
  const asked = JSON.stringify([LATER.length, side.merged.choices, side.merged.origins, side.picks, side.values.steps <= tablesOf(side).few_steps, "cached_step_share" in side.good]);
  if (select.dataset.asked === asked) return;
  select.dataset.asked = asked;
  for (const option of select.options) {
    const inForce = option.value === side.merged.choices[name];
    const picks = { ...side.picks, [name]: option.value };
    // Few steps with a cache are refused by the numbers that follow; all else by what lies.
    const refused = !LATER.length && !inForce && (["step_cache", "distilled", "model"].includes(name) ? mergedWith(side, picks, side.good).merged : layWith(side, picks, side.good)).refused;
    option.disabled = Boolean(refused);
    option.textContent = option.dataset.says + (refused ? ` (${refused})` : inForce && side.merged.origins[name] === "default" ? " (default)" : "");
  }
}

// What stands open: what is chosen first, and what a planner asks for; the rest is closed, its values on the closed line.
const CHOSEN = ["model", "gpu", "runtime", "attention_kernel", "precision"];
const GROUPS = [["Demand", ["traffic"], ["dau", "videos_per_user_per_day", "peak_to_average", "growth_per_month"]], ["Money", ["cost"], ["gpu_price", "paid_share"]], ["Serving", ["serving"], ["target_latency", "gpus_per_replica", "max_utilization"]], ["Clip", ["video", "generation"], ["width", "height", "duration", "fps", "steps"]]];

/** Whether an input stands among the products: the share of one, and its price. */
function isOfProducts(name) {
  return /^mix\.\w+\.(share|price_per_video_second)$/.test(name);
}

/** The products of a mix, and buttons that add one of a name or take it away. */
function productButtons(side) {
  const name = element("input", { type: "text", "aria-label": "Name of a product", placeholder: "name, such as hd", "data-product-name": side.index, oninput: () => name.setCustomValidity("") });
  return element("p", { class: "actions" }, letter(side), name, element("button", { type: "button", "data-add-product": side.index, onclick: () => addProduct(side, name) }, "Add a product"),
    ...side.added.map((name) => element("button", { type: "button", "data-remove-product": name, onclick: () => removeProduct(side, name) }, `Remove ${name}`)));
}

function drawInputs() {
  const rest = Object.keys(DATA.catalogues[0].names).filter((name) => !CHOSEN.includes(name));
  const supplied = (name) => name.startsWith("gpu_price") || !SUPPLIED.has(name);
  const sectionOf = Object.fromEntries(DATA.sections.flatMap(([section, names]) => names.map((name) => [name, section])));
  const groups = GROUPS.map(([title, sections, names]) => [title, [...new Set([...names, ...DATA.first.filter((name) => sections.includes(sectionOf[name]) && supplied(name))])]]);
  const taken = new Set(groups.flatMap(([, names]) => names));
  const others = DATA.sections.map(([section, names]) => [section, names.filter((name) => !taken.has(name))]);
  const inner = groupBy(new Set(SIDES.flatMap(innerNames)), (name) => (isOfProducts(name) ? "products" : name.replace(/^mix\./, "part ").replace(/(^|\.)stages\./, " stage ").replace(/\.\w+$/, "").trim()));
  const part = (title, open, draw, names) => {
    const made = element("details", { class: "section", open }, element("summary", {}, title, " ", element("span", { class: "count" })));
    const drawn = () => made.append(...names.map(draw));
    open ? drawn() : LATER.push(drawn);
    return made;
  };
  drawnOf = JSON.stringify(SIDES.map(innerNames));
  const products = part("Products", true, row, inner.get("products") ?? []);
  products.append(...SIDES.map(productButtons));
  fill(document.getElementById("inputs"),
    element("h2", { id: "inputs-title", class: "unseen" }, "Inputs"),
    part("Choices", true, choiceRow, CHOSEN),
    part("Offload, sharding, tiling, accelerations", false, choiceRow, rest),
    ...groups.map(([title, names]) => part(element("span", { "data-closed": title }, title), title !== "Clip", row, names)),
    products,
    ...[...inner].filter(([title]) => title !== "products").map(([title, names]) => part(capital(title), false, row, names)),
    element("h3", { class: "rest" }, `All ${Object.keys(SIDES[0].plan.values).length} assumptions`),
    ...others.map(([title, names]) => part(capital(title), false, row, names)),
    ...SIDES.map((side) =>
      element("details", { class: "section overlay" },
        element("summary", {}, letter(side), "As a scenario file"),
        element("pre", { "data-overlay": side.index, tabindex: 0, "aria-label": "The changed plan as a scenario file" }),
        element("button", { type: "button", onclick: () => copy(overlay(side), "The scenario is copied.") }, "Copy YAML"))));
}

/** Put into the fields what holds: after a reset, or when the address brought changes. */
function showInputs() {
  for (const text of document.querySelectorAll("input[data-assumption]")) {
    const side = SIDES[text.dataset.side];
    const name = text.dataset.assumption;
    text.value = Object.hasOwn(side.texts, name) ? side.texts[name] : shownInput(side, name);
  }
  markInputs();
}

/** An input as it was exported: as its author wrote it where that is the value, else as a person reads it. */
function exportedText({ plan: { values, written } }, name) {
  return written[name] && readAssumption(name, written[name]).value === values[name] ? written[name] : inputText(name, values[name]);
}

/** An unchanged input shows what was exported, unless a choice or the frame brings another value. */
function shownInput(side, name) {
  const value = valueOf(side, name);
  return Object.is(value, side.plan.values[name]) ? exportedText(side, name) : inputText(name, value);
}

/** What is wrong with an input: its text, or what the command line would refuse since it was changed. */
function errorOf(side, name) {
  return side.errors[name] || (side.touched === name ? side.refused : "");
}

/** Mark what is changed and what is wrong, and move the sliders along. */
function markInputs() {
  for (const text of document.querySelectorAll("input[data-assumption]")) {
    const side = SIDES[text.dataset.side];
    const name = text.dataset.assumption;
    const error = errorOf(side, name);
    const changed = Object.hasOwn(side.texts, name);
    text.toggleAttribute("data-changed", changed);
    text.setAttribute("aria-invalid", error ? "true" : "false");
    if (!changed && document.activeElement !== text) text.value = shownInput(side, name);
    const shown = document.getElementById(`${text.id}-error`);
    if (shown.textContent !== error) shown.textContent = error;
    text.parentElement.querySelector(".reset").hidden = !changed;
    const slider = text.parentElement.querySelector("input[type=range]");
    if (slider && slider.dataset.at !== String(side.values[name])) {
      slider.dataset.at = side.values[name];
      slider.setAttribute("aria-valuetext", showValue(name, side.values[name]));
      if (document.activeElement !== slider) slider.value = onTrack(track(name, side.plan.values[name]), side.values[name]);
    }
  }
  for (const note of document.querySelectorAll("[data-note]")) note.hidden = SIDES.some((side) => Object.hasOwn(side.texts, note.dataset.note));
  for (const size of document.querySelectorAll("[data-size]")) size.checked = Number(size.value) === SIDES[size.name.split("-")[1]].values.gpus_per_replica;
  for (const section of document.querySelectorAll("details.section")) {
    const count = section.querySelectorAll("[data-changed]").length;
    const place = section.querySelector(":scope > summary .count");
    if (place) place.textContent = count ? `${count} set` : "";
  }
  markChoices();
  for (const shown of document.querySelectorAll("[data-overlay]")) shown.textContent = overlay(SIDES[shown.dataset.overlay]);
  const clip = SIDES[0].values;
  document.querySelector("[data-closed=Clip]").textContent = `Clip: ${digits(clip.width)}×${digits(clip.height)}, ${digits(clip.duration, 5)} s, ${digits(clip.fps)} fps, ${digits(clip.steps)} steps`;
  const changes = SIDES.reduce((sum, side) => sum + Object.keys({ ...side.picks, ...side.texts, ...side.prices }).length, 0);
  const reset = document.getElementById("reset-all");
  reset.disabled = !changes;
  reset.textContent = changes ? `Reset ${changes} change${changes > 1 ? "s" : ""}` : "Reset";
}

function changeInput(side, name, text) {
  change(side, name, text);
  recompute(side);
  drawSoon();
}

let drawing = false;

/** Draw once a frame, however often a slider moves within it. */
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    markInputs();
    showResults();
    keepAddress();
  });
}

/** The part of the page's address from the `#` on: nothing if nothing is changed. */
function hash() {
  return fragment() && `#${fragment()}`;
}

let keeping = 0;

/** Keep the changes in the address, when the reader pauses: browsers refuse an address that changes too often. */
function keepAddress() {
  clearTimeout(keeping);
  keeping = setTimeout(() => history.replaceState(null, "", hash() || location.pathname + location.search), 300);
}

function resetAll() {
  SIDES.forEach(forgetAll);
  for (const side of SIDES) side.prices = {};
  SIDES.forEach(redraw);
  tell(SIDES[0], "Everything is as it was exported.");
}

/** Copy a text; where the browser doesn't let a page, select it so that the reader can. */
async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    tell(SIDES[0], done);
  } catch {
    const shown = element("textarea", { readonly: true, "aria-label": "Copy this" });
    shown.value = text;
    document.getElementById("actions").after(shown);
    shown.select();
    tell(SIDES[0], "Copy the selected text.");
    shown.addEventListener("blur", () => shown.remove());
  }
}
