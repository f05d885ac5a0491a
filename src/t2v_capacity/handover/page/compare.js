// Side by side: the chart with its filters and switches, and the same options as a table that sorts, in which prices are typed.

const HEADS = [["option", "Option", ""], ["runtime", "Runtime", "wide"], ["kind", "Evidence", "wide"], ["latency", "p95 latency", "number"], ["chance", "Meets", "number wide"], ["gpus", "GPUs", "number wide"], ["clip", "USD per clip", "number"], ["month", "USD per month", "number"], ["autoscaled", "Autoscaled", "number wide"], ["price", "USD per GPU-hour", "number wide"]];
const FEW_ROWS = 12;

function keyOf(one, name) {
  return { option: one.id, runtime: one.runtime, kind: Object.keys(EVIDENCE).indexOf(one.kind), latency: one.latency, chance: one.chance ?? 0, gpus: one.figures.gpus, clip: one.clip, month: one.month, autoscaled: billOf(one.figures, "autoscaled").month, price: one.values.gpu_price }[name];
}

/** Rows in the reader's order; what has no value is last. */
function sorted(options) {
  const order = (one, other) => (typeof one === "string" ? one.localeCompare(other) : one - other) * (VIEW.up ? 1 : -1);
  const none = (value) => (Number.isNaN(value) ? 1 : 0);
  return options.toSorted((one, other) => {
    const [a, b] = [keyOf(one, VIEW.sort), keyOf(other, VIEW.sort)];
    return none(a) - none(b) || order(a, b) || one.latency - other.latency;
  });
}

function optionRow(side, one, best) {
  const over = costLimits(side).some(({ value }) => one.clip > value);
  const money = (value) => (Number.isFinite(value) ? dollars(value) : "none");
  const use = () => choose(side, one);
  const price = element("input", { type: "text", class: "price", value: Number.isFinite(one.values.gpu_price) ? digits(one.values.gpu_price, 5) : "", placeholder: "price", "aria-label": `GPU price of ${one.gpu.label}, USD per hour`, "data-price": one.gpu.value, onchange: () => setPrice(side, one, price) });
  const cells = {
    option: element("th", { scope: "row" }, element("button", { type: "button", class: "link", "data-choose": one.id, onclick: use }, `${one.gpu.value} × ${one.size}`), one.ours ? element("span", { class: "tag here" }, "this plan") : one === best && element("span", { class: "tag good" }, `cheapest${promises(side) ? " that meets the target" : ""}${budgetsKept(side)}`), ...[one.isPinned && "pinned", paidAs(side, one)].filter(Boolean).map((mark) => element("span", { class: "tag", "data-mark": one.id }, mark))),
    runtime: one.runtime,
    kind: element("span", { class: "evidence" }, element("svg", { viewBox: "0 0 12 12", class: `point ${one.kind}`, "aria-hidden": "true" }, element("circle", { cx: 6, cy: 6, r: 4 })), EVIDENCE[one.kind]),
    latency: [one.kept && promises(side) && element("span", { class: "met" }, "✓ "), showQuantity(one.latency, "second")],
    chance: promises(side) && !one.isPinned ? `${chanceText(chanceOnTime(side, one))}${chanceDrawn(side, one) === undefined ? "" : " of draws"}` : "",
    gpus: grouped(one.figures.gpus, "gpu").split(" ")[0],
    clip: Number.isFinite(one.clip) ? digits(one.clip) : "none",
    month: [money(one.month), over && element("span", { class: "fail" }, " ▲", element("span", { class: "unseen" }, "over budget"))],
    autoscaled: money(billOf(one.figures, "autoscaled").month),
    price,
  };
  return element("tr", { class: one.ours ? "ours" : "" }, cells.option, ...HEADS.slice(1).map(([name, , kind]) => element("td", { class: kind }, ...[cells[name]].flat())));
}

/** Take a price of one's own for a GPU; what can't be read is said, and nothing is taken. */
function setPrice(side, one, input) {
  const text = forgiven("gpu_price", input.value);
  const read = readAssumption("gpu_price", text);
  input.setAttribute("aria-invalid", "error" in read && input.value ? "true" : "false");
  if ("error" in read && input.value) return tell(side, read.error);
  if (one.gpu.value === side.merged.choices.gpu) input.value ? change(side, "gpu_price", text) : forget(side, "gpu_price");
  else if (input.value) side.prices[one.gpu.value] = text;
  else delete side.prices[one.gpu.value];
  recompute(side);
  drawSoon();
  return undefined;
}

function optionTable(side) {
  const able = visible(side).filter((one) => !VIEW.priced || Number.isFinite(one.clip));
  if (VIEW.sort === "chance") for (const one of able) chanceOnTime(side, one);
  const best = side.options.find((one) => one === side.best);
  const all = sorted(able);
  const rows = VIEW.all ? all : all.filter((one, at) => at < FEW_ROWS || one.ours || one === best);
  const own = able.find((one) => one.ours && !isLeft(side, one));
  const without = side.options.filter(({ clip }) => !Number.isFinite(clip)).length;
  const head = ([name, label, kind]) => element("th", { scope: "col", class: kind, "aria-sort": VIEW.sort === name ? (VIEW.up ? "ascending" : "descending") : "none" },
    element("button", { type: "button", class: "head", "data-sort": name, onclick: () => look({ sort: name, up: VIEW.sort === name ? !VIEW.up : true }) }, name === "chance" ? (promises(side) ? `${label} ${asked(side)}${rangesApart(side, {})}` : "") : label, VIEW.sort === name ? (VIEW.up ? " ▲" : " ▼") : ""));
  fill(document.querySelector(`[data-options="${side.index}"]`),
    scrolling("Options", element("table", { class: "options" }, element("thead", {}, element("tr", {}, ...HEADS.filter(([name]) => name !== "chance" || promises(side)).map(head))), element("tbody", {}, ...rows.map((one) => optionRow(side, one, best))))),
    element("p", { class: "hint" }, all.length > rows.length && element("button", { type: "button", class: "link", onclick: () => look({ all: true }) }, `Show all ${all.length} options`),
      without > 0 && VIEW.priced ? `${all.length > rows.length ? " · " : ""}${without} options have no ${priceNeeded()}: clear "List price" to see them${VIEW.billing === "reserved" ? "" : " and type one"}.` : "", own && element("span", { "data-stays": side.index }, " This plan stays, whatever the filters leave.")));
  if (!promises(side)) for (const row of document.querySelectorAll(`[data-options="${side.index}"] tbody tr`)) row.children[4].remove();
}

/** Look at the options otherwise: another bill, runtime, filter or order. */
function look(how) {
  const anew = how.billing || "runtime" in how;
  Object.assign(VIEW, how);
  showCompare(Boolean(anew));
}

function control(label, name, options) {
  const select = element("select", { "aria-label": label, "data-filter": name, onchange: () => look({ [name]: select.value }) }, ...options.map(([value, text]) => element("option", { value }, text)));
  return select;
}

function box(label, name) {
  const input = element("input", { type: "checkbox", "data-filter": name, onchange: () => look({ [name]: input.checked }) });
  input.checked = VIEW[name];
  return element("label", { class: "check" }, input, label);
}

/** The section, once: switches, filters, the legend and the places of charts and tables. */
function drawCompare() {
  const { options } = DATA.catalogues[0];
  const mark = (kind, label) => element("li", {}, element("svg", { viewBox: "0 0 12 12", class: `point ${kind}`, "aria-hidden": "true" }, element("circle", { cx: 6, cy: 6, r: 4 })), label);
  const dash = (kind, label) => element("li", {}, element("svg", { viewBox: "0 0 24 12", class: "dash", "aria-hidden": "true" }, element("path", { d: "M0 6H24", class: `join ${kind}` })), label);
  fill(document.getElementById("options"),
    element("h2", { id: "options-title" }, "Cost per clip against latency"),
    element("p", { class: "hint", id: "options-hint" }),
    element("div", { class: "filters" },
      segments("How GPUs are paid", "billing", "billing", [["always", "Planned"], ["autoscaled", "Autoscaled"], ["reserved", "Reserved"]], VIEW.billing, (billing) => look({ billing })),
      control("Runtime", "runtime", [["", "Runtime: the best"], ...options.runtime.map(({ value }) => [value, `Runtime: ${value}`])]),
      control("Vendor", "vendor", [["", "All vendors"], ...[...new Set(options.gpu.map(({ vendor }) => vendor))].map((vendor) => [vendor, vendor])]),
      box("List price", "priced"), box("Measured", "measured"), box("Within budgets", "kept"),
      element("button", { type: "button", id: "copy-chart", onclick: () => copyChart() }, "Save picture")),
    element("ul", { class: "legend" }, ...Object.entries(EVIDENCE).filter(([kind]) => kind !== "pinned" || SIDES.some(({ plan }) => plan.measured.length)).map(([kind, label]) => mark(kind, label)), dash("front", "Pareto front"), dash("ours", "this plan; cross 5% to 95%"), element("li", {}, "digits: GPUs per clip")),
    ...SIDES.flatMap((side) => [SIDES.length > 1 && element("h3", {}, ...named(side)), element("div", { class: "drawing", "data-chart": side.index, onpointerleave: hideCard }), element("div", { "data-options": side.index }),
      element("details", { "data-excluded": side.index, ontoggle: () => showExcluded(side) }, element("summary", {}, "Excluded GPUs, and why"), element("ul", { class: "excluded" }))]));
}

/** The GPUs to which something objects, once the reader opens their list: it asks for the chance of each. */
function showExcluded(side) {
  const place = document.querySelector(`[data-excluded="${side.index}"]`);
  if (!place.open) return;
  fill(place.querySelector("ul"), ...excludedOf(side).map(({ one, against }) => element("li", { "data-apart": one.id, "data-against": JSON.stringify(against) }, element("strong", {}, `${one.gpu.value} × ${one.size}${one.sharded ? ", weights divided" : ""}`), ` ${against.map(([code, message]) => `${code}: ${message}`).join("; ")}`)));
}

/** Compute the options anew where the plan moved, and draw them; where only the view did, draw alone. */
function showCompare(anew = true) {
  const place = document.getElementById("options");
  const focused = document.activeElement?.closest("[data-chart] [data-option]")?.dataset.option ?? (document.activeElement?.dataset.sort && `sort ${document.activeElement.dataset.sort}`);
  const reserved = place.querySelector("[data-billing=reserved]");
  reserved.disabled = !SIDES.some(({ figures }) => isReserved(figures));
  reserved.nextSibling.textContent = reserved.disabled ? "Reserved: no price" : "Reserved";
  if (reserved.disabled && reserved.checked) {
    VIEW.billing = "always";
    place.querySelector("[data-billing=always]").checked = true;
  }
  for (const side of SIDES) {
    if (anew || !side.options) side.options = optionsOf(side);
    drawChart(side);
    optionTable(side);
    showCheapest(side);
    showExcluded(side);
    fill(document.querySelector(`[data-alternatives="${side.index}"]`) ?? element("div"), alternatives(side));
  }
  showRemedies();
  const first = SIDES[0];
  const priced = new Set(first.options.filter(({ clip }) => Number.isFinite(clip)).map(({ gpu }) => gpu.value)).size;
  document.getElementById("options-hint").textContent = `${first.options.length} options: ${priced} GPUs with a ${priceNeeded()}, ${DATA.sizes[0]} to ${DATA.sizes[DATA.sizes.length - 1]} GPUs per clip, ${VIEW.runtime ? `with runtime ${VIEW.runtime}` : "each with its best runtime"}.`;
  markStale();
  place.removeAttribute("aria-busy");
  if (focused) (focused.startsWith("sort ") ? place.querySelector(`[data-sort="${focused.slice(5)}"]`) : place.querySelector(`[data-option="${focused}"]`))?.focus();
  reachScrolling();
}

let comparing = 0;

/** Draw the options when the reader pauses: all of them take longer than a keystroke may. */
function compareSoon() {
  document.getElementById("options").setAttribute("aria-busy", "true");
  clearTimeout(comparing);
  comparing = setTimeout(showCompare, 40);
}
