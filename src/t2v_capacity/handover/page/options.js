// Every GPU with every group size, side by side: each the estimate with those flags over the reader's own.

// What the reader looks at: how GPUs are paid, which runtime (the plan's unless chosen), and what is left out.
const VIEW = { billing: "always", runtime: "", vendor: "", priced: true, measured: false, kept: false, sort: "clip", up: true, all: false };
const BILLS = { always: "gpu_cost_per_month", autoscaled: "gpu_cost_following", reserved: "gpu_cost_reserved" };
const SHOWN_OF_OPTIONS = [
  ...["gpus", "cost_per_month", "cost_per_video", ...Object.values(BILLS), "memory_needed", "memory_usable", "gpu_seconds_per_video", "servers_available", "servers_per_replica", "denoising_seconds"],
  ...["visual_tokens", "passes_per_video", "linear_flops_per_pass", "attention_flops_per_pass", "vae_decode_flops", "delivered_per_day", "resident_weights"],
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

/** Whether a plan has a price at which its GPUs are held, as estimate_screen.py has it. */
function isReserved(v) {
  return v.reserved_price > 0 || v.committed_price < v.gpu_price;
}

/** The bill of a month and what of it a delivered clip costs, as GPUs are paid. */
function billOf(v, billing = VIEW.billing) {
  if (billing === "always") return { month: v.cost_per_month, clip: v.cost_per_video };
  const month = v.cost_per_month - v.gpu_cost_per_month + v[BILLS[billing]];
  return { month, clip: month / (v.delivered_per_day * v.days_per_month) };
}

/** The reader's flags with a GPU and a group in them; a price that was typed is the GPU's that it was typed for. */
function flagsWith(side, gpu, size, runtime, sharded) {
  const same = gpu === side.merged.choices.gpu;
  const good = Object.fromEntries(Object.entries(side.good).filter(([name]) => name !== "gpu_price" && (same || !DATA.prices.includes(name))));
  const own = same ? side.good.gpu_price : side.prices[gpu];
  const picks = { ...side.picks, ...(gpu !== side.merged.choices.gpu && { gpu }), ...(runtime !== side.merged.choices.runtime && { runtime }), ...(sharded && { sharding: "weights" }) };
  return { picks, good: { ...good, ...(size !== side.values.gpus_per_replica && { gpus_per_replica: String(size) }), ...(own && { gpu_price: own }) } };
}

/** A GPU with a group size, a runtime and a way of holding the weights as the page has it, or why the command line refuses it. */
function candidateOf(side, gpu, size, runtime, sharded = false) {
  const { picks, good } = flagsWith(side, gpu.value, size, runtime, sharded);
  const { merged, values } = mergedWith(side, picks, good);
  const found = { id: `${gpu.value} ${size}`, gpu, size, runtime, sharded, picks, good, merged, values, figures: {}, month: NaN, clip: NaN, latency: NaN };
  if (merged.refused) return { ...found, refused: ["precision", merged.refused] };
  const figures = evaluated(side.plan, values, neededFor(SHOWN_OF_OPTIONS));
  if (figures.servers_available < figures.regions * figures.servers_per_replica) return { ...found, refused: ["limit", "the limit of GPUs holds less than one replica in each region"] };
  const own = gpu.value === side.merged.choices.gpu;
  const ours = own && size === side.values.gpus_per_replica && runtime === side.merged.choices.runtime && merged.choices.sharding === side.merged.choices.sharding;
  // The price of a reserve is of the plan's GPU; another GPU without a price of its own has no bill.
  const priced = own ? VIEW.billing !== "reserved" || isReserved(figures) : VIEW.billing !== "reserved" && values.gpu_price > 0;
  return { ...found, ...(priced && billOf(figures)), figures, ours, latency: figures.latency_p95, kept: !late(figures) };
}

/** The group sizes that are tried: the usual ones, and the plan's own. */
function sizesOf(side) {
  return [...new Set([...DATA.sizes, side.values.gpus_per_replica])].sort((one, other) => one - other);
}

/** The runtimes that are tried: the plan's own first; one that is written stays. */
function runtimesOf(side) {
  const own = side.merged.choices.runtime;
  return side.merged.origins.runtime === "hand" ? [own] : [own, ...tablesOf(side).options.runtime.map(({ value }) => value).filter((value) => value !== own)];
}

/** All candidates of a side: each GPU with every group size, way of holding the weights and runtime. */
function candidatesOf(side) {
  return tablesOf(side).options.gpu.flatMap((gpu) => sizesOf(side).flatMap((size) => (size > 1 ? [false, true] : [false]).flatMap((sharded) => runtimesOf(side).map((runtime) => candidateOf(side, gpu, size, runtime, sharded)))));
}

/** Options to look at, those that serve the day with the runtime that is looked at; and the best of all candidates. */
function optionsOf(side) {
  const runtime = VIEW.runtime || side.merged.choices.runtime;
  side.candidates = candidatesOf(side);
  side.best = inOrder(side.candidates, side).find((one) => Number.isFinite(one.month) && !objectionsTo(side, one).length);
  const looked = runtimesOf(side).includes(runtime) ? side.candidates.filter((one) => one.runtime === runtime && !one.sharded) : tablesOf(side).options.gpu.flatMap((gpu) => sizesOf(side).map((size) => candidateOf(side, gpu, size, runtime)));
  const found = looked.filter((one) => isAble(one) && Number.isFinite(one.latency)).map((one) => evidenceOf(side, one));
  const priced = found.filter(({ clip }) => Number.isFinite(clip)).sort((one, other) => one.latency - other.latency || one.clip - other.clip);
  let least = Infinity;
  for (const one of priced) {
    one.front = one.clip < least;
    least = Math.min(least, one.clip);
  }
  return found;
}

/** Candidates in the order of the one search: those that can serve, in time, cheap, small. */
function inOrder(some, side) {
  const none = (value, instead) => (Number.isNaN(value) || value === undefined ? instead : value);
  const order = (one) => [isAble(one) ? 0 : 1, !one.refused && promises(side) && late(one.figures) && !Number.isNaN(one.figures.gpu_seconds_per_video) ? 1 : 0, none(one.month, Infinity), none(one.figures.gpus, 0), one.size, one.sharded && !one.refused ? 1 : 0, none(one.latency, Infinity)];
  const keys = new Map(some.map((one) => [one, order(one)]));
  const first = (one, other) => keys.get(one).map((value, at) => value - keys.get(other)[at]).find(Boolean) ?? 0;
  return some.toSorted(first);
}

/** Each GPU's candidate that is nearest to serving, with what speaks against it; those to which something objects. */
function excludedOf(side) {
  const nearest = [...groupBy(side.candidates, ({ gpu }) => gpu.value).values()].map((own) => {
    const some = inOrder(own, side);
    return some.find((one) => objectionsTo(side, one).every(([code]) => code === "few sellers")) ?? some[0];
  });
  return nearest.map((one) => ({ one, against: objectionsTo(side, one) })).filter(({ against }) => against.length);
}

/** Whether an option keeps every budget on a figure that can be computed of it; money is what it costs as GPUs are paid. */
function keepsBudgets(side, one) {
  const known = { ...one.figures, cost_per_month: one.month, cost_per_video: one.clip };
  return side.plan.limits.every((limit) => kept(limit, known[limit.figure] ?? evaluated(side.plan, one.values, neededFor([limit.figure]))[limit.figure]));
}

/** Take an option's flags as the reader's own. */
function choose(side, one) {
  const before = side.merged.choices.gpu;
  if (before !== one.gpu.value) {
    if (side.good.gpu_price) side.prices[before] = side.good.gpu_price;
    for (const name of DATA.prices) forget(side, name);
  }
  for (const name of ["gpu", "runtime", "sharding"]) if (one.picks[name] !== undefined) pick(side, name, one.picks[name]);
  for (const name of ["gpus_per_replica", "gpu_price"]) if (one.good[name] !== undefined) change(side, name, one.good[name]);
  VIEW.runtime = "";
  recompute(side);
  drawSoon();
  tell(side);
}
