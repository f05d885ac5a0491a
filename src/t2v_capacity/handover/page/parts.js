// A mix, and a clip in stages: figures are computed for each part or stage, joined by each figure's own word, and handed over as known; tree.py for a browser.

const PARTS = Symbol("parts"); // of the values of a plan: what each part has of its own
const IDLE = Symbol("idle"); // of those of a plan: the parts without requests
const STAGES = Symbol("stages"); // of those of a plan or a part: what each stage has of its own

const OWN = /^(mix|stages)\./; // what a part or a stage has of its own: `mix.hd.share`, `mix.hd.stages.base.steps`

/** What the reader wrote, read: of the plan, or of a part or a stage by how its names begin. */
function numbersOf(good, home = "") {
  const own = Object.entries(good).map(([name, text]) => [name.slice(home.length), name, text]).filter(([rest, name]) => name.startsWith(home) && !rest.includes("."));
  return Object.fromEntries(own.map(([rest, name, text]) => [rest, readAssumption(name, text).value]));
}

const FIRST = "standard"; // what a plan of one product is called in a mix
const MOST_ADDED = 20;

/** The parts of a plan's mix, those that the reader added among them: each a copy of the first, or of the plan where that is no mix. */
function partsOf({ plan, added }) {
  if (!added.length) return plan.parts;
  const one = plan.parts[0] ?? { layers: [], pins: plan.pins, decodes: true, stages: plan.stages };
  const parts = plan.parts.length ? plan.parts : [{ ...one, name: FIRST, share: 1, fixed: false }];
  return [...parts, ...added.map((name) => ({ ...one, name, share: 0, fixed: false }))];
}

/** Let a plan have other products of the reader's. */
function haveProducts(side, added) {
  side.added = [...new Set(added)].filter((name) => name !== FIRST && !side.plan.parts.some((part) => part.name === name)).slice(0, MOST_ADDED);
  side.inner = null;
}

/** Add a product of a name with a share of its own; a name that can't be one is asked for again. */
function addProduct(side, input) {
  const name = input.value.trim();
  const taken = name === FIRST || partsOf(side).some((part) => part.name === name);
  input.setCustomValidity(/^[A-Za-z0-9_]+$/.test(name) ? (taken ? `${name} is a product already` : "") : "a name of letters, digits and _, such as hd");
  if (!input.reportValidity()) return;
  haveProducts(side, [...side.added, name]);
  change(side, innerNames(side).find((one) => one === `mix.${name}.share`), "10%");
  redraw(side, `mix.${name}.share`);
}

/** Take a product away with all that was typed of it. */
function removeProduct(side, name) {
  const others = side.added.filter((one) => one !== name);
  for (const own of innerNames(side)) if (own.startsWith(`mix.${name}.`) || !others.length) forget(side, own);
  haveProducts(side, others);
  redraw(side);
}

let drawnOf = ""; // the products of which inputs are drawn

/** Draw a side anew, its inputs too where there are others, and go to one. */
function redraw(side, name) {
  recompute(side);
  const products = JSON.stringify(SIDES.map(innerNames));
  if (products !== drawnOf) {
    drawInputs();
    for (const draw of LATER.splice(0)) draw();
  }
  showInputs();
  drawSoon();
  tell(side);
  document.getElementById(`input-${side.index}-${name}`)?.focus();
}

/** The names of parts and stages that can be typed; each is known as its assumption is. */
function innerNames(side) {
  const of = (home, names, parts) => parts.flatMap((part) => [...names.map((name) => {
    const own = `${home}${part.name}.${name}`;
    ABOUT[own] ??= { ...ABOUT[name], label: `${ABOUT[name].label}, ${part.name}` };
    return own;
  }), ...of(`${home}${part.name}.stages.`, DATA.of_a_stage, part.stages)]);
  const [parts, { stages }] = [partsOf(side), side.plan];
  return (side.inner ??= parts.length ? of("mix.", DATA.of_a_part, parts) : of("stages.", DATA.of_a_stage, stages));
}

/** The part or the stage that a name is of. */
function innerAt(values, name) {
  const [home, called] = name.split(".");
  return (home === "mix" ? values[PARTS]?.concat(values[IDLE]) : values[STAGES])?.find((one) => one.name === called);
}

/** A figure of a plan, or of a part of its mix, at these values and figures. */
function figureOf(v, name) {
  const part = OWN.test(name) && innerAt(v, name);
  return part === false ? v[name] : part ? partFigures({ values: v, figures: v }, part)[name.split(".")[2]] : NaN;
}

/** The figures from which those of budgets are had. */
function limitedBy(limits) {
  return limits.flatMap(({ figure }) => (OWN.test(figure) ? DATA.part_by : [figure]));
}

/** The value of an assumption or a choice, or of what a part or a stage has of its own. */
function valueOf(side, name, values = side.values, merged = side.merged) {
  if (!OWN.test(name)) return merged.choices[name] ?? values[name];
  const rest = name.split(".").slice(2);
  const part = innerAt(values, name);
  return rest[0] === "share" ? (part?.share ?? 0) : part ? valueOf(side, rest.join("."), { ...values, ...part.own }, part.merged) : NaN;
}

/** The parts with their shares: those that a flag or the reader sets, and the others in their proportion, as scenario/mix.py scales them. */
function shared(parts, good, merged) {
  const set = parts.map(({ name, share, fixed }) => numbersOf(good, `mix.${name}.`).share ?? (fixed ? share : null));
  if (parts.every(({ name }) => !Object.hasOwn(good, `mix.${name}.share`))) return parts;
  const whole = set.reduce((sum, share) => sum + share, 0);
  const others = parts.reduce((sum, { share }, at) => sum + (set[at] === null ? share : 0), 0);
  if (whole > 1 + 1e-9) merged.refused ||= `the shares that are set add to ${showQuantity(whole, "share")}; the shares of a mix add to 100%`;
  else if (whole < 1 - 1e-9 && !(others > 0)) merged.refused ||= `the shares that are set add to ${showQuantity(whole, "share")}, and no other part has a share to take the rest; make them 100%`;
  return parts.map((part, at) => ({ ...part, share: set[at] ?? (others > 0 ? (part.share * (1 - whole)) / others : 0) }));
}

/** Each part or stage over a plan as it lies: what its own layers and the reader make otherwise than the plan has it. */
function layersOver(side, home, parts, good, merged, values) {
  return parts.map((part) => {
    const path = `${home}${part.name}.`;
    const { share: _share, ...numbers } = numbersOf(good, path);
    const over = [...part.layers, { choices: {}, numbers }].reduce((below, layer) => lay(tablesOf(side), below, layer), merged);
    const there = settle(tablesOf(side), over, side.plan.bitrates);
    const stages = layersOver(side, `${path}stages.`, part.stages, good, over, there);
    merged.refused ||= over.refused && `${path.slice(0, -1)}: ${over.refused}`;
    const own = Object.fromEntries(Object.entries(there).filter(([name, value]) => !Object.is(value, values[name])));
    return { ...part, merged: over, own: { ...own, [STAGES]: stages } };
  });
}

const innerOrders = new WeakMap(); // of an order of figures: those of a part or of a stage among them, and with what these need

function innerOrder(order, joins) {
  if (!innerOrders.has(order)) innerOrders.set(order, new Map());
  const found = innerOrders.get(order);
  if (!found.has(joins)) {
    const names = order.filter((name) => Object.hasOwn(joins, name));
    found.set(joins, { names, needed: neededFor(names).filter((name) => order.includes(name)) });
  }
  return found.get(joins);
}

/** The figures of the clips of a part, or of a stage; `known` are the values of what it is of. */
function clipsOf(part, known, order, joins = DATA.joins) {
  return evaluated(part, { ...known, ...part.own, [PARTS]: undefined }, innerOrder(order, joins).needed);
}

/** A figure of those of the stages of which it counts, each with its name: what decoding takes, of those that decode. */
function counted(stages, found, name) {
  return found.map((one, at) => [stages[at].name, one[name]]).filter((_one, at) => stages[at].decodes || !DATA.of_the_decode.includes(name));
}

/** Figures of the stages as those of the clip: their sum, the most, or the last; one that is pinned is the whole clip's. */
function throughStages(plan, stages, found, order) {
  const join = (name) => counted(stages, found, name).map(([, value]) => value).reduce({ sum: (x, y) => x + y, max: maximum, last: (_x, y) => y }[DATA.stage_joins[name]]);
  return Object.fromEntries(innerOrder(order, DATA.stage_joins).names.filter((name) => !Object.hasOwn(plan.pins, name)).map((name) => [name, join(name)]));
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
  return Object.fromEntries(innerOrder(order, DATA.joins).names.map((name) => [name, join(name)]));
}

let promisedBy = null; // what the figures of a promise are computed from

/** The figures of a part's promise, from its clips and the plan's waits. */
function promiseOf(clips, v) {
  promisedBy ??= DATA.promise.flatMap(parametersOf);
  const there = {};
  for (const name of promisedBy) there[name] = clips[name];
  for (const name of DATA.part_by) there[name] = v[name];
  for (const name of DATA.promise) there[name] = FORMULAS[name](there);
  return there;
}

/** What is sold and promised by a part: its own promise with the plan's waits, its share of the fleet and of the bill. */
function partFigures(side, part) {
  const v = side.figures;
  const clips = clipsOf(part, side.values, DATA.order);
  const there = { ...clips, ...promiseOf(clips, v) };
  const [work, stored] = ["spot_seconds_per_video", "video_size"].map((name) => clips[name] / v[name]);
  const { of_the_work: ofWork, of_the_size: ofSize } = DATA.costs;
  const cost = DATA.money.reduce((sum, name) => sum + v[name] * (ofWork.includes(name) ? work : ofSize.includes(name) ? stored : 1), 0);
  const clip = cost / (v.delivered_per_day * v.days_per_month);
  // A clip's money has the ratios of a month's.
  const money = { cost_per_month: clip, revenue_per_month: clips.revenue_per_video, paid_seconds_per_month: clips.paid_seconds_per_video };
  return { ...there, busy_gpus: v.busy_gpus * part.share * work, gpus: v.gpus * part.share * work, cost_per_video: clip, ...Object.fromEntries(DATA.sold.map((name) => [name, FORMULAS[name](money)])), profit_per_month: v.revenue_per_month > 0 ? (clips.revenue_per_video - clip) * part.share * v.delivered_per_day * v.days_per_month : NaN };
}

/** The parts of a mix as a table: what is made, how fast, at what cost and with how many GPUs. */
function partsTable(side) {
  if (!side.values[PARTS]?.length || !Number.isFinite(side.figures.gpus)) return null;
  const rows = side.values[PARTS].map((part) => [part, partFigures(side, part)]);
  const sold = side.figures.revenue_per_video > 0;
  const head = ["Share", "Seconds", "p95 latency", "USD per clip", "GPUs", ...(sold ? ["Price per s", "Break-even", "Margin"] : [])].map((text) => element("th", { scope: "col", class: "number" }, text));
  return scrolling("Parts of the mix", element("table", { class: "parts" }, element("caption", {}, letter(side), "Parts of the mix"), element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Part"), ...head)),
    element("tbody", {}, ...rows.map(([{ name, share }, v]) => element("tr", { "data-part": name }, element("th", { scope: "row" }, name),
      ...[["share", showQuantity(share, "share"), share], ["generation_latency", headline(v, "generation_latency"), v.generation_latency], ["latency_p95", headline(v, "latency_p95"), v.latency_p95], ["cost_per_video", digits(v.cost_per_video), v.cost_per_video], ["gpus", digits(v.gpus), v.gpus],
        ...(sold ? [["price_per_video_second", v.paid_seconds_per_video > 0 ? digits(v.price_per_video_second) : "free", v.price_per_video_second], ["break_even_price", Number.isNaN(v.break_even_price) ? "none" : digits(v.break_even_price), v.break_even_price], ["gross_margin", Number.isNaN(v.gross_margin) ? "none" : showValue("gross_margin", v.gross_margin), v.gross_margin]] : [])]
        .map(([figureName, text, value]) => element("td", { class: "number", "data-part-figure": `mix.${name}.${figureName}`, "data-value": full(value) }, text)))))));
}

/** The stages of a clip, or of each part's, as a table: what each denoises, and how long it takes. */
function stagesTable(side) {
  const made = (side.values[PARTS]?.length ? side.values[PARTS] : [{ name: "", own: side.values, pins: side.plan.pins }]).flatMap((part) => {
    const known = { ...side.values, ...part.own };
    return known[STAGES].map((stage) => [`${part.name}.${stage.name}`.replace(/^\./, ""), { ...known, ...stage.own }, clipsOf(stage, known, DATA.order, DATA.stage_joins), stage]);
  });
  if (!made.length) return null;
  const head = ["Frame", "Steps", "Tokens", "Denoising", "VAE"].map((text) => element("th", { scope: "col", class: "number" }, text));
  const cell = (name, text, value) => element("td", { class: "number", "data-stage-figure": name, "data-value": full(value) }, text);
  return scrolling("Stages of a clip", element("table", { class: "parts" }, element("caption", {}, letter(side), "Stages of a clip"), element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Stage"), ...head)),
    element("tbody", {}, ...made.map(([name, v, figures, { decodes }]) => {
      const vae = (decodes ? figures.vae_decode_seconds : 0) + figures.vae_encode_seconds;
      return element("tr", { "data-stage": name }, element("th", { scope: "row" }, name), element("td", { class: "number" }, `${digits(v.width)}×${digits(v.height)}`), element("td", { class: "number" }, `${digits(v.steps)} × ${digits(v.passes_per_step)}`),
        cell(`${name}.visual_tokens`, digits(figures.visual_tokens), figures.visual_tokens), cell(`${name}.denoising_seconds`, showValue("denoising_seconds", figures.denoising_seconds), figures.denoising_seconds), cell(`${name}.vae_seconds`, showValue("vae_decode_seconds", vae), vae));
    }))));
}
