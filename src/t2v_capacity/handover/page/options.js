// Every GPU with every group size, side by side: each the estimate with those flags over the reader's own.

// What the reader looks at: how GPUs are paid, which runtime (the best of all unless chosen), and what is left out.
const VIEW = { billing: "always", runtime: "", vendor: "", priced: true, measured: false, kept: false, sort: "clip", up: true, all: false };
const BILLS = { always: "gpu_cost_per_month", autoscaled: "gpu_cost_following", reserved: "gpu_cost_reserved" };
const SHOWN_OF_OPTIONS = [
  ...["gpus", "cost_per_month", "cost_per_video", ...Object.values(BILLS), "memory_needed", "memory_usable", "gpu_seconds_per_video", "servers_available", "servers_per_replica", "denoising_seconds"],
  ...["visual_tokens", "passes_per_video", "linear_flops_per_pass", "attention_flops_per_pass", "vae_decode_flops", "delivered_per_day", "resident_weights", "overload_time", "replicas", "fluid_deferred_wait", "deferred_slack"],
  ...DATA.late_by,
];

const closures = new Map();
const WORD = /[A-Za-z_]\w*/g;

/** The assumptions and figures that a figure is computed from. */
function parametersOf(name) {
  return [...new Set(DATA.formulas[name].names.match(WORD))].filter((one) => Object.hasOwn(ABOUT, one));
}

/** The figures that some need, those among them, in the order of computing. */
function neededFor(names) {
  const key = names.join();
  if (!closures.has(key)) {
    const needed = new Set(names);
    for (const name of DATA.order.toReversed()) if (needed.has(name)) for (const parameter of parametersOf(name)) needed.add(parameter);
    closures.set(key, DATA.order.filter((name) => needed.has(name)));
  }
  return closures.get(key);
}

/** Those of some figures, in their order, that move with an assumption. */
function movedBy(name, order) {
  const key = `${name} moves ${order}`, moved = new Set([name]);
  if (!closures.has(key)) closures.set(key, order.filter((one) => parametersOf(one).some((other) => moved.has(other)) && moved.add(one)));
  return closures.get(key);
}

/** Whether a plan has a price at which its GPUs are held, as estimate_screen.py has it. */
function isReserved(v) {
  return v.reserved_price > 0 || v.committed_price < v.gpu_price;
}

/** How the GPUs of a bill are rented, as `renting_in_words` has it. */
function renting(v) {
  const always = "always on";
  return v.held_fraction < 1 ? `with ${digits(100 * v.reserved_part)}% of GPUs ${v.reserved_price || v.reserved_3_year_price ? "reserved" : always}` : always;
}

/** The price without which an option has no bill, in words. */
function priceNeeded() {
  return VIEW.billing === "reserved" ? "reserved price" : "list price";
}

/** How an option's GPUs are paid, where those of any are reserved: a reserve is of one GPU. */
function paidAs(side, { values: { reserved_price: price } }) {
  if (!side.options.some(({ values }) => values.reserved_price > 0)) return "";
  return price > 0 ? `reserved at ${priceText(price)}` : "on demand";
}

/** The bill of a month and what of it a delivered clip costs, as GPUs are paid. */
function billOf(v, billing = VIEW.billing) {
  if (billing === "always") return { month: v.cost_per_month, clip: v.cost_per_video };
  const month = v.cost_per_month - v.gpu_cost_per_month + v[BILLS[billing]];
  return { month, clip: month / (v.delivered_per_day * v.days_per_month) };
}

/** The reader's flags with a GPU and a runtime in them, and what follows; a price that was typed is the GPU's that it was typed for. */
function appliedTo(side, gpu, runtime) {
  const same = gpu.value === side.merged.choices.gpu;
  const good = Object.fromEntries(Object.entries(side.good).filter(([name]) => name !== "gpu_price" && (same || !DATA.prices.includes(name))));
  const price = same ? side.good.gpu_price : side.prices[gpu.value];
  if (price) good.gpu_price = price;
  const picks = { ...side.picks, ...(!same && { gpu: gpu.value }), ...(runtime !== side.merged.choices.runtime && { runtime }) };
  return { gpu, runtime, picks, good, ...mergedWith(side, picks, good) };
}

/** A GPU and a runtime with a group of GPUs as the page has it, or why the command line refuses it. */
function candidateOf(side, applied, { size, sharded = false, guided = false }) {
  const { gpu, merged } = applied;
  const numbers = { gpus_per_replica: size, ...(sharded && shardedWeights(side)), ...(guided && { guidance_groups: SIDE_BY_SIDE }) };
  const counts = { ...(size !== side.values.gpus_per_replica && { gpus_per_replica: String(size) }), ...(guided && { guidance_groups: String(SIDE_BY_SIDE) }) };
  const values = { ...applied.values, ...numbers };
  const candidate = { ...applied, id: `${gpu.value} ${size}`, size, sharded, guided, values, picks: { ...applied.picks, ...(sharded && { sharding: SHARDED }) }, good: { ...applied.good, ...counts }, figures: {}, month: NaN, clip: NaN, latency: NaN };
  if (merged.refused) return { ...candidate, refused: ["precision", merged.refused] };
  const figures = evaluated(side.plan, values, neededFor([...SHOWN_OF_OPTIONS, ...limitedBy(side.plan.limits), ...side.plan.billed.map(([called]) => called)]));
  if (figures.servers_available < figures.regions * figures.servers_per_replica) return { ...candidate, refused: ["limit", "the limit of GPUs holds less than one replica in each region"] };
  const own = gpu.value === side.merged.choices.gpu;
  const ours = own && !guided && !sharded && size === side.values.gpus_per_replica && applied.runtime === side.merged.choices.runtime;
  // The price of a reserve is of the plan's GPU; another GPU without a price of its own has no bill.
  const priced = own ? VIEW.billing !== "reserved" || isReserved(figures) : VIEW.billing !== "reserved" && values.gpu_price > 0;
  return { ...candidate, ...(priced && billOf(figures)), figures, ours, latency: figures.latency_p95, kept: !late(figures) };
}

const SHARDED = "weights";
const SIDE_BY_SIDE = 2; // passes of guidance

/** What is true of a group that divides the weights. */
function shardedWeights(side) {
  const row = rowOf(tablesOf(side), "sharding", { sharding: SHARDED });
  return Object.fromEntries(Object.entries(row).map(([name, [value]]) => [name, value]));
}

/** Whether each pass of guidance, one after the other or side by side, has GPUs over which attention heads divide. */
function splitsOf(side, size) {
  const { passes_per_step, heads } = side.values;
  const guides = passes_per_step > 1 && !(size % SIDE_BY_SIDE) && !isWritten(side, "guidance_groups");
  return (guides ? [false, true] : [false]).filter((guided) => !headsLeftOver(heads, size / FORMULAS.guidance_split({ ...side.values, ...(guided && { guidance_groups: SIDE_BY_SIDE }), gpus_per_replica: size })));
}

/** Whether attention heads don't divide over the GPUs of each pass of guidance, or GPUs over the passes. */
const headsLeftOver = (heads, gpus) => (heads % gpus) + (gpus % 1) > 0;

/** The group sizes that are tried: the usual ones over which attention heads divide, and the plan's own. */
function sizesOf(side) {
  return [...new Set([...DATA.sizes.filter((size) => splitsOf(side, size).length), side.values.gpus_per_replica])].sort((one, other) => one - other);
}

/** The runtimes that are tried: the plan's own first; one that is written stays. */
function runtimesOf(side) {
  const own = side.merged.choices.runtime;
  return side.merged.origins.runtime === "hand" ? [own] : [own, ...tablesOf(side).options.runtime.map(({ value }) => value).filter((value) => value !== own)];
}

/** How GPUs may make a clip together: they may divide the weights too, and run the passes of guidance side by side; what is written stays. */
function groupsOf(side) {
  const divides = !Object.keys(shardedWeights(side)).some((name) => isWritten(side, name));
  const splits = (size) => splitsOf(side, size).length ? splitsOf(side, size) : [false];
  return sizesOf(side).flatMap((size) => (size > 1 && divides ? [false, true] : [false]).flatMap((sharded) => splits(size).map((guided) => ({ size, sharded, guided }))));
}

/** All candidates of a side: each GPU with every runtime and group. A GPU and a runtime are applied once, a group is numbers over them. */
function candidatesOf(side, runtimes = runtimesOf(side)) {
  const groups = groupsOf(side);
  return tablesOf(side).options.gpu.flatMap((gpu) => runtimes.flatMap((runtime) => {
    const applied = appliedTo(side, gpu, runtime);
    return groups.map((group) => candidateOf(side, applied, group));
  }));
}

/** Options to look at: the best candidate of each GPU and group size that serves the day; and the best of all candidates. Budgets judge them: all where a candidate keeps all, else those that the side keeps. */
function optionsOf(side) {
  const candidates = candidatesOf(side);
  for (const budgets of [side.plan.limits, keptBudgets(side)]) {
    side.budgets = budgets;
    side.candidates = inOrder(candidates, side);
    side.best = side.candidates.find((one) => holds(side, one));
    if (side.best) break;
  }
  const looked = VIEW.runtime ? inOrder(candidatesOf(side, [VIEW.runtime]), side) : side.candidates;
  const best = [...groupBy(looked, ({ id }) => id).values()].map((own) => bestOrNearest(side, own));
  const shown = best.filter((one) => isAble(one) && Number.isFinite(one.latency)).map((one) => withPins(side, evidenceOf(side, one)));
  let least = Infinity;
  for (const one of shown.toSorted((some, other) => some.latency - other.latency || some.clip - other.clip)) {
    one.front = one.clip < least && holds(side, one);
    if (one.front) least = one.clip;
  }
  return shown;
}

/** An option of which seconds are pinned that were measured on another plan is not known to keep anything, nor measured. */
function withPins(side, one) {
  const isPinned = outlivedPins(side, one, []).length > 0;
  return Object.assign(one, { isPinned }, isPinned && { kept: false, kind: one.kind === "measured" ? "pinned" : one.kind });
}

/** Candidates in the order of the one search: those that can serve, in time, cheap, small; of those that are late, quick. */
function inOrder(some, side) {
  const none = (value, instead) => (Number.isNaN(value) || value === undefined ? instead : value);
  const order = (one) => {
    const { refused, figures: v } = one;
    const isLate = !refused && (promises(side) && late(v) && !Number.isNaN(v.gpu_seconds_per_video) || queues(side, one)) || waitsLong(one);
    const seconds = none(one.latency, none(v.overload_wait, Infinity));
    const isStale = !refused && (outlivedPins(side, one, []).length || otherSeconds(side, one));
    return [!isAble(one), !!isLate, !!isStale, -none(v.served_share, 0), isLate ? seconds : 0, none(one.month, Infinity), none(v.gpus, 0), seconds, one.size, !!one.sharded && !refused];
  };
  const keys = new Map(some.map((one) => [one, order(one)]));
  return some.toSorted((one, other) => ascending(keys.get(one), keys.get(other)));
}

/** Which of two lists of numbers is less: by their first that differ. */
function ascending(some, others) {
  return some.map((value, at) => (value === others[at] ? 0 : value - others[at])).find(Boolean) ?? 0;
}

/** The best of a GPU's candidates in their order, or the one nearest to serving; that few sell the GPU chooses none. */
function bestOrNearest(side, own) {
  const found = new Map();
  const sure = (objects) => own.find((one) => {
    const certain = found.get(one) ?? found.set(one, certainTo(side, one)).get(one);
    return !certain.some(([code]) => objects(code)) && !isAtRisk(side, one, certain);
  });
  return sure((code) => code !== "few sellers") ?? sure((code) => ["pinned", ...AMISS].includes(code)) ?? own[0];
}

/** Each GPU's candidate that is nearest to serving, with what speaks against it; those to which something objects. */
function excludedOf(side) {
  const nearest = [...groupBy(side.candidates, ({ gpu }) => gpu.value).values()].map((own) => bestOrNearest(side, own));
  return nearest.map((one) => ({ one, against: objectionsTo(side, one) })).filter(({ against }) => against.length);
}

/** Whether an option keeps every budget on a figure that can be computed of it; money is what it costs as GPUs are paid. */
function keepsBudgets(side, one) {
  const known = { ...one.figures, cost_per_month: one.month, cost_per_video: one.clip };
  return side.plan.limits.every((limit) => kept(limit, figureOf(known, limit.figure)));
}

/** Take an option's flags as the reader's own. */
function choose(side, one) {
  const flags = [...["gpu", "runtime", "sharding"].map((name) => [name, one.picks[name]]), ...["gpus_per_replica", "guidance_groups"].map((name) => [name, one.good[name]])];
  VIEW.runtime = "";
  take(side, Object.fromEntries(flags.filter(([, text]) => text !== undefined)));
}
