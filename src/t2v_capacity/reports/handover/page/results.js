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
  shown.textContent = showValue(name, value);
  shown.toggleAttribute("data-moved", moved(side, name));
  return shown;
}

/** What stands under a headline figure: what it was, or its band as it was exported. */
function beneath(side, name) {
  const before = side.plan.figures[name];
  if (Object.hasOwn(side.plan.pins, name)) return "pinned";
  if (moved(side, name)) return `was ${showValue(name, before)} ${proportion(side.figures[name], before)}`;
  const band = side.plan.bands[name];
  if (!band || isChanged(side)) return "";
  const [low, , high] = band;
  return `${showValue(name, low, { brief: true })} to ${showValue(name, high, { brief: true })}, 5% to 95%`;
}

function card(name) {
  return element(
    "li",
    { class: "card" },
    element("button", { type: "button", class: "card-button", "aria-haspopup": "dialog", "data-explain": name, onclick: () => explain(name, 0) },
      element("span", { class: "card-label" }, ABOUT[name].label),
      ...SIDES.map((side) =>
        element("span", { class: "card-side" },
          element("span", {}, letter(side), figure(side, name, "strong")),
          element("span", { class: "card-note" }, beneath(side, name)),
        ),
      ),
      SIDES.length > 1 && element("span", { class: "card-difference" }, `B against A: ${proportion(SIDES[1].figures[name], SIDES[0].figures[name]) || "the same"}`),
    ),
  );
}

function drawHeader() {
  fill(document.getElementById("top"),
    ...SIDES.map((side) => element("div", { class: "scenario" },
      SIDES.length > 1 ? element("p", { class: "title" }, ...named(side)) : element("h1", {}, side.plan.name),
      side.plan.description && element("p", { class: "subtitle" }, side.plan.description),
      element("p", { class: "choices" }, side.plan.choices.map(([name, value]) => `${words(name)} ${value}`).join(" · ")),
    )),
  );
  if (SIDES.length > 1) document.getElementById("top").prepend(element("h1", {}, DATA.plans.map((plan) => plan.name).join(" against ")));
}

function showResults() {
  fill(document.getElementById("results"),
    element("h2", { id: "results-title" }, "The answer"),
    element("ul", { class: "cards" }, ...DATA.headline.map(card)),
  );
  document.getElementById("line").textContent = inALine();
  showPictures();
  showFigures();
  showAbout();
}

/** What stays in sight on a phone while its inputs are changed. */
function inALine() {
  const said = (side) => LINE.map((name) => showValue(name, side.figures[name], { brief: name !== "gpus" })).join(" · ");
  return SIDES.map((side) => lettered(side, said(side))).join("\n");
}

const LINE = ["gpus", "cost_per_month", "latency_p95", "storage_per_day"];

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
  return second ? proportion(second.figures[name], first.figures[name]) : moved(first, name) ? proportion(first.figures[name], first.plan.figures[name]) : "";
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
    changed && element("p", { class: "notice" }, "These were written for the plan as it was exported; run t2v-cap on the changed one to hear what it says of that."),
    ...SIDES.flatMap((side) => [
      SIDES.length > 1 && element("h3", {}, ...named(side)),
      ...side.plan.warnings.map((warning) => element("p", { class: `warning ${warning.severity}` }, element("strong", {}, `${warning.severity} ${warning.code}: `), warning.message)),
      element("p", { class: "conventions" }, side.plan.conventions),
    ]),
  );
}

/** Tell a reader who doesn't see the page what a change did, or what is wrong with it. */
function tell(side, text) {
  const wrong = Object.values(side.errors)[0];
  const heard = ["gpus", "cost_per_month", "storage_per_day"].map((name) => `${ABOUT[name].label}: ${showValue(name, side.figures[name])}`);
  document.getElementById("told").textContent = text || lettered(side, wrong || heard.join("; "));
}
