// A mix: the figures of a clip are computed for each part, joined by each figure's own word, and handed over as known; mix.py for a browser.

const PARTS = Symbol("parts"); // of the values of a plan: what each part has of its own

/** Each part that has a share, over a plan as it lies: what its own layers make otherwise than the plan has it. */
function partsOf(side, laid, values) {
  return side.plan.parts.filter(({ share }) => share > 0).map((part) => {
    const over = part.layers.reduce((below, layer) => lay(tablesOf(side), below, layer), laid);
    const there = settle(tablesOf(side), over, side.plan.bitrates);
    laid.refused ||= over.refused && `mix.${part.name}: ${over.refused}`;
    const own = Object.fromEntries(Object.entries(there).filter(([name, value]) => !Object.is(value, values[name])));
    return { name: part.name, share: part.share, laid: over, own, pins: { ...side.plan.pins, ...part.pins } };
  });
}

const clipOrders = new WeakMap(); // of an order of figures: those of a clip among them, and with what these need

function clipOrder(order) {
  if (!clipOrders.has(order)) {
    const names = order.filter((name) => Object.hasOwn(DATA.joins, name));
    clipOrders.set(order, { names, needed: neededFor(names) });
  }
  return clipOrders.get(order);
}

/** The figures of a part's clips; `known` are the values of the plan. */
function clipsOf(part, known, order) {
  const { own, pins, factor } = part;
  return evaluated({ pins }, { ...known, ...own, ...(factor && { time_factor: factor }), [PARTS]: undefined }, clipOrder(order).needed);
}

/** Figures of the parts as those of the plan: the mean by share within the least and the most, the most, or the least. */
function joined(parts, found, order) {
  const join = (name) => {
    const values = found.map((one) => one[name]);
    const total = parts.reduce((sum, { share }, at) => sum + share * values[at], 0);
    if (Number.isNaN(total)) return NaN;
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return { mean: Math.min(Math.max(total, least), most), max: most, min: least }[DATA.joins[name]];
  };
  return Object.fromEntries(clipOrder(order).names.map((name) => [name, join(name)]));
}

/** What is sold and promised by a part: its own promise with the plan's waits, its share of the fleet and of the bill. */
function partFigures(side, part) {
  const v = side.figures;
  const clips = clipsOf(part, side.values, DATA.order);
  const there = { ...clips, ...Object.fromEntries(DATA.part_by.map((name) => [name, v[name]])) };
  for (const name of DATA.promise) there[name] = FORMULAS[name](there);
  const [work, stored] = ["spot_seconds_per_video", "video_size"].map((name) => clips[name] / v[name]);
  const cost = v.gpu_cost_per_month * work + (v.storage_cost_per_month + v.egress_cost_per_month) * stored + v.request_cost_per_month + v.other_cost_per_month;
  return { ...there, gpus: v.gpus * part.share * work, cost_per_video: cost / (v.delivered_per_day * v.days_per_month) };
}

/** The parts of a mix as a table: what is made, how fast, at what cost and with how many GPUs. */
function partsTable(side) {
  if (!side.values[PARTS]?.length || !Number.isFinite(side.figures.gpus)) return null;
  const rows = side.values[PARTS].map((part) => [part, partFigures(side, part)]);
  const head = ["Share", "Seconds", "p95 latency", "USD per clip", "GPUs"].map((text) => element("th", { scope: "col", class: "number" }, text));
  return scrolling("Parts of the mix", element("table", { class: "parts" }, element("caption", {}, letter(side), "Parts of the mix"), element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Part"), ...head)),
    element("tbody", {}, ...rows.map(([{ name, share }, v]) => element("tr", { "data-part": name }, element("th", { scope: "row" }, name),
      ...[["share", showQuantity(share, "share"), share], ["generation_latency", headline(v, "generation_latency"), v.generation_latency], ["latency_p95", headline(v, "latency_p95"), v.latency_p95], ["cost_per_video", digits(v.cost_per_video), v.cost_per_video], ["gpus", digits(v.gpus), v.gpus]]
        .map(([figureName, text, value]) => element("td", { class: "number", "data-part-figure": `mix.${name}.${figureName}`, "data-value": full(value) }, text)))))));
}
