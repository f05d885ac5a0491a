// The answer: headline figures, then every figure by question; each carries its full value.

/** A figure's value as the page holds it: every digit, or nothing where it has none. */
function full(value) {
  return Number.isNaN(value) ? "" : String(value);
}

/** An element that holds a figure; `showFigure` fills it. */
function figure(side, name, tag, attributes = {}) {
  return showFigure(element(tag, { ...attributes, "data-figure": name, "data-side": side.index }));
}

/** Put into an element what its figure is now; one that hasn't moved is left alone, since a keystroke shows two hundred. */
function showFigure(shown) {
  const side = SIDES[shown.dataset.side];
  const name = shown.dataset.figure;
  const value = side.figures[name];
  if (shown.dataset.value === full(value)) return shown;
  shown.dataset.value = full(value);
  shown.textContent = Object.hasOwn(shown.dataset, "headline") ? (name === "gpus" && value > 0 ? grouped(value, "gpu") : headline(side.figures, name)) : showValue(name, value);
  shown.toggleAttribute("data-moved", moved(side, name));
  return shown;
}

/** A figure next to its name: its unit does not repeat what the name says, and a day's storage is in its index's where five digits say it. */
function headline(figures, name) {
  const value = figures[name];
  const none = (one) => one === null || Number.isNaN(one);
  if (none(value) && none(figures.gpu_seconds_per_video)) return "cannot run";
  if (none(value)) return name === "latency_p95" ? "overloaded" : "none";
  const index = figures.index_storage_per_day;
  const summed = name === "storage_per_day" && index && Math.abs(rounded(value, UNITS.all) - value) <= UNITS.same * value;
  return showQuantity(value, headlineUnit(name), { like: summed ? index : value });
}

/** What stands under a headline figure: its band, and what it was. */
function beneath(side, name) {
  if (Object.hasOwn(side.plan.pins, name)) return ["pinned"];
  const band = bandOf(side, name);
  const end = (value) => (value === null ? "none" : showValue(name, value, { brief: true, like: Number.isFinite(side.figures[name]) ? side.figures[name] : value, exact: false }));
  return [
    band && `${band[0] === null ? "none" : end(band[0]).split(" ")[0]} to ${end(band[2])}`,
    moved(side, name) && `was ${headline(side.plan.figures, name)} ${distance(name, side.figures[name], side.plan.figures[name])}`,
  ].filter(Boolean);
}

function drawHeader() {
  fill(document.getElementById("top"),
    ...SIDES.map((side) => element("div", { class: "scenario" },
      SIDES.length > 1 ? element("p", { class: "title" }, ...named(side)) : element("h1", { "data-name": side.index }, nameOf(side)),
      side.plan.description && element("p", { class: "subtitle" }, side.plan.description),
      element("p", { class: "choices", "data-title": side.index }),
    )),
  );
  fill(document.getElementById("actions"),
    element("button", { type: "button", id: "reset-all", onclick: () => resetAll() }, "Reset"),
    element("button", { type: "button", id: "copy-link", onclick: () => copy(`${location.href.split("#")[0]}${hash()}`, "The link is copied.") }, "Copy link"),
    ...SIDES.map((side) => element("button", { type: "button", id: side.index ? "download-2" : "download", onclick: () => download(side) }, `Download ${fileOf(side)}`)));
  if (SIDES.length > 1) document.getElementById("top").prepend(element("h1", {}, SIDES.map(nameOf).join(" against ")));
}

/** What is computed, in the words of the terminal's title, filled with the inputs as they are. */
function showTitles() {
  for (const place of document.querySelectorAll("[data-title]")) {
    const side = SIDES[place.dataset.title];
    for (const name of document.querySelectorAll(`[data-name="${side.index}"]`)) name.textContent = nameOf(side);
    fill(place, ...titleOf(side).map((line) => element("span", {}, line)));
  }
}

/** The plan in two lines, as `forms/title.py` writes them. */
function titleOf(side) {
  const [{ plan, values, merged }, parts] = [side, partsOf(side)];
  const v = { ...values, ...values[STAGES]?.at(-1)?.own }, chosen = merged.choices;
  const exact = (name) => digits(v[name], UNITS.significant, true);
  const star = (name) => (merged.origins[name] === "hand" || plan.given[name]?.set || Object.hasOwn(side.good, name) ? "" : "*");
  const unusual = (word, name) => !["bf16", "fp16"].includes(chosen[name]) && `${word} ${chosen[name]}`;
  const passes = v.passes_per_step !== 1 ? ` of ${showQuantity(v.passes_per_step, "pass")} (guidance)` : "";
  const clip = [
    chosen.model + star("model"), `${exact("width")}x${exact("height")}`, `${digits(v.duration, UNITS.significant, false)} s`,
    plan.stages.length ? `${plan.stages.length} stages` : showQuantity(v.steps, "step") + passes,
    parts.length && `of ${parts.length} parts`, unusual("weights", "precision"), unusual("arithmetic", "compute_precision"),
  ];
  const picked = pickedOf(tablesOf(side), chosen);
  const kernel = chosen.attention_kernel + (picked === chosen.attention_kernel ? "" : ` (${picked})`);
  const price = Number.isNaN(v.gpu_price) ? "no list price" : `${priceText(v.gpu_price)} USD/h${plan.listed ? star("gpu_price") : ""}`;
  const held = side.figures.reserved_part && (v.reserved_price || v.reserved_3_year_price);
  const fleet = [chosen.gpu + star("gpu"), v.gpus_per_replica !== 1 && `${showQuantity(v.gpus_per_replica, "gpu")} per clip`, v.regions !== 1 && showQuantity(v.regions, "region"), price, held && `${priceText(held)} reserved`];
  const runtime = { eager: "plain PyTorch", fused: "fused PyTorch" }[chosen.runtime] ?? chosen.runtime;
  const peak = v.peak_to_average === 1 ? "level demand" : `peak ${exact("peak_to_average")} x average`;
  return [clip.filter(Boolean).join(", "), `${fleet.filter(Boolean).join(", ")}; ${runtime}${star("runtime")}, ${kernel} attention${star("attention_kernel")}; ${peak}${star("peak_to_average")}`];
}

/** A price with cents, or with as many digits as it has. */
function priceText(price) {
  const cents = price.toFixed(2);
  return Math.abs(cents - price) < 1e-9 * price ? cents : digits(price, 4);
}

function showResults() {
  showFirst();
  compareSoon();
  showRest();
}

/** What is read first: the plan, what stands against it, the answer. */
function showFirst() {
  showTitles();
  showBanner();
  showAnswer();
  document.getElementById("line").textContent = inALine();
  markStale();
}

function showRest() {
  showPictures();
  showFigures();
  showAbout();
  showSet();
}

/** What paper shows in the place of the inputs: those that were set, changed ones among them. */
function showSet() {
  fill(document.getElementById("set"),
    element("h2", {}, "Inputs that were set"),
    ...SIDES.map((side) => {
      const names = [...Object.keys(side.plan.given), ...innerNames(side)].filter((name) => side.plan.given[name]?.set || Object.hasOwn(side.good, name));
      const value = (name) => (Object.hasOwn(side.plan.pins, name) ? showValue(name, side.plan.pins[name]) : (side.good[name] ?? shownInput(side, name)));
      const range = (name) => (Object.hasOwn(side.good, name) || !side.plan.given[name].range ? "" : ` (${side.plan.given[name].range})`);
      const said = (name) => [`${ABOUT[name].label}: `, element("strong", {}, value(name)), range(name), Object.hasOwn(side.good, name) ? " (changed)" : Object.hasOwn(side.plan.pins, name) ? " (pinned)" : ""];
      return element("ul", { class: "set" }, SIDES.length > 1 && element("li", {}, ...named(side)), ...names.map((name) => element("li", { "data-set": name }, ...said(name))));
    }),
    element("p", { class: "conventions" }, SIDES[0].plan.conventions),
  );
}

/** What stays in sight on a phone while its inputs are changed. */
function inALine() {
  const stale = document.getElementById("stale").hidden ? "" : "Not updated: ";
  const said = ({ figures: v }) => `${stale}${headline(v, "gpus")} · ${headline(v, "latency_p95")}\n${headline(v, "cost_per_month")}${Number.isFinite(v.cost_per_month) ? " per month" : ""}`;
  return SIDES.map((side) => lettered(side, said(side))).join("\n");
}

function figureRow(name) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" },
      element("button", { type: "button", class: "link", "aria-haspopup": "dialog", "data-explain": name, onclick: () => explain(name, 0) }, name)),
    ...SIDES.map((side) => figure(side, name, "td", { class: "number" })),
    element("td", { class: "number", "data-difference": name }),
    element("td", {}, ABOUT[name].label, ...SIDES.filter((side) => Object.hasOwn(side.plan.pins, name)).flatMap((side) => [" ", letter(side), "pinned"])),
  );
}

/** How far a figure is from what it is compared with: the other side, or what was exported. */
function difference(name) {
  const [first, second] = SIDES;
  return second ? distance(name, second.figures[name], first.figures[name]) : moved(first, name) ? distance(name, first.figures[name], first.plan.figures[name]) : "";
}

function headings() {
  const numbers = SIDES.length > 1 ? [...SIDES.map(letter), "B against A"] : ["value", "change"];
  const one = (heading, kind) => element("th", { scope: "col", class: kind }, heading);
  return [one("figure"), ...numbers.map((heading) => one(heading, "number")), one("meaning")];
}

function drawFigures() {
  fill(document.getElementById("figures"),
    element("h2", { id: "figures-title" }, "Every figure"),
    element("p", { class: "hint" }, "A click on a figure shows where it comes from, down to the assumptions and their sources."),
    ...DATA.groups.map(([group, names]) =>
      element("details", {},
        element("summary", {}, capital(group)),
        scrolling(`Figures of ${group}`,
          element("table", {}, element("thead", {}, element("tr", {}, ...headings())), element("tbody", {}, ...names.map(figureRow)))),
      ),
    ),
  );
}

function showFigures() {
  document.querySelectorAll("#figures [data-figure]").forEach(showFigure);
  for (const cell of document.querySelectorAll("[data-difference]")) cell.textContent = difference(cell.dataset.difference);
}

/** What a reader should know of the plan: its warnings, what it rests on, and the conventions. */
function showAbout() {
  const changed = SIDES.some(isChanged);
  fill(document.getElementById("about"),
    element("h2", { id: "about-title" }, "What to know"),
    changed && element("p", { class: "notice" }, "These notes are about the plan as exported; run t2v-cap on the changed plan for its own."),
    ...SIDES.flatMap((side) => [
      SIDES.length > 1 && element("h3", {}, ...named(side)),
      ...side.plan.warnings.filter((warning) => warning.severity !== "warning").map((warning) => element("p", { class: `warning ${warning.severity}` }, element("strong", {}, `${warning.severity} ${warning.code}: `), warning.message)),
      element("p", { class: "choices" }, Object.entries(side.merged.choices).map(([name, value]) => `${words(name)} ${value}`).join(" · ")),
      element("p", { class: "conventions" }, side.plan.conventions),
    ]),
  );
}

/** Tell a reader who doesn't see the page what a change did, or what is wrong with it. */
function tell(side, text) {
  const wrong = Object.values(side.errors)[0];
  const heard = ["gpus", "cost_per_month", "storage_per_day"].map((name) => `${ABOUT[name].label}: ${showValue(name, side.figures[name])}`);
  document.getElementById("said").textContent = text || lettered(side, wrong || heard.join("; "));
}
