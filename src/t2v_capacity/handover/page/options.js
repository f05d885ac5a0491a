// Every GPU with every group size, side by side: each the estimate with those flags over the reader's own.

// What the reader looks at: how GPUs are paid, which runtime (the plan's unless chosen), and what is left out.
const VIEW = { billing: "always", runtime: "", vendor: "", priced: true, measured: false, kept: false, sort: "clip", up: true, all: false };
const BILLS = { always: "gpu_cost_per_month", autoscaled: "gpu_cost_following", reserved: "gpu_cost_reserved" };
const SHOWN_OF_OPTIONS = [
  ...["gpus", "cost_per_month", "cost_per_video", ...Object.values(BILLS), "memory_needed", "memory_usable", "gpu_seconds_per_video", "servers_available", "servers_per_replica", "denoising_seconds"],
  ...["visual_tokens", "passes_per_video", "linear_flops_per_pass", "attention_flops_per_pass", "vae_decode_flops", "delivered_per_day"],
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
  const { gpu_price: typed, ...good } = side.good;
  const own = gpu === side.laid.choices.gpu ? typed : side.prices[gpu];
  const picks = { ...side.picks, ...(gpu !== side.laid.choices.gpu && { gpu }), ...(runtime !== side.laid.choices.runtime && { runtime }), ...(sharded && { sharding: "weights" }) };
  return { picks, good: { ...good, ...(size !== side.values.gpus_per_replica && { gpus_per_replica: String(size) }), ...(own && { gpu_price: own }) } };
}

/** A GPU with a group size as the page has it; nothing where the command line refuses it, or it can't serve the day. */
function optionOf(side, gpu, size, runtime, sharded = false) {
  const { picks, good } = flagsWith(side, gpu.value, size, runtime, sharded);
  let { laid, values } = laidWith(side, picks, good);
  if (laid.refused && picks.attention_kernel) { // a kernel that doesn't run there gives way to the usual one
    delete picks.attention_kernel;
    ({ laid, values } = laidWith(side, picks, good));
  }
  if (laid.refused) return null;
  const figures = evaluated(side.plan, values, neededFor([...SHOWN_OF_OPTIONS, ...LATE_BY]));
  if (!(figures.served_share >= 1) || figures.memory_needed > figures.memory_usable || !Number.isFinite(figures.latency_p95)) return null;
  if (figures.servers_available < figures.regions * figures.servers_per_replica) return null;
  const ours = gpu.value === side.laid.choices.gpu && size === side.values.gpus_per_replica && runtime === side.laid.choices.runtime && laid.choices.sharding === side.laid.choices.sharding;
  const { kind, error } = worstOf(side, { laid, values, figures });
  // The price of a reserve is of the plan's GPU; another GPU without a price of its own has no bill.
  const priced = gpu.value === side.laid.choices.gpu ? VIEW.billing !== "reserved" || isReserved(figures) : VIEW.billing !== "reserved" && values.gpu_price > 0;
  const bill = priced ? billOf(figures) : { month: NaN, clip: NaN };
  return { id: `${gpu.value} ${size}`, gpu, size, runtime, picks, good, laid, values, figures, kind, error, ours, ...bill, latency: figures.latency_p95, kept: !late(figures) };
}

/** The group sizes that are tried: the usual ones, and the plan's own. */
function sizesOf(side) {
  return [...new Set([...DATA.sizes, side.values.gpus_per_replica])].sort((one, other) => one - other);
}

/** All options of a side; the chance that each keeps its promise is asked for where it is shown. */
function optionsOf(side) {
  const runtime = VIEW.runtime || side.laid.choices.runtime;
  const found = tablesOf(side).options.gpu.flatMap((gpu) => sizesOf(side).map((size) => optionOf(side, gpu, size, runtime))).filter(Boolean);
  side.best = cheapest(side);
  const priced = found.filter(({ clip }) => Number.isFinite(clip)).sort((one, other) => one.latency - other.latency || one.clip - other.clip);
  let least = Infinity;
  for (const one of priced) {
    one.front = one.clip < least;
    least = Math.min(least, one.clip);
  }
  return found;
}

/** The chance that an option keeps the promised latency, over the model's error. */
function sureOf(side, one) {
  one.chance ??= chanceOf(side, one, LATE_BY, (v) => !late(v));
  return one.chance;
}

/** Whether a latency is promised. */
function promises(side) {
  return [side, ...(side.values[PARTS] ?? [])].some(({ laid }) => Object.hasOwn(laid.written, "target_latency"));
}

/** Whether an option keeps every budget on a figure that can be computed of it; money is what it costs as GPUs are paid. */
function keepsBudgets(side, one) {
  const known = { ...one.figures, cost_per_month: one.month, cost_per_video: one.clip };
  return side.plan.limits.every((limit) => kept(limit, known[limit.figure] ?? evaluated(side.plan, one.values, neededFor([limit.figure]))[limit.figure]));
}

/** Whether something speaks against an option that can serve, as verdict.py has it: no price, no evidence, a target missed or at risk. */
function objected(side, one) {
  return !Number.isFinite(one.clip) || one.kind === "extrapolated" || (promises(side) && !(one.kept && sureOf(side, one) >= DATA.sure));
}

/** The cheapest of all candidates to which nothing objects: each GPU with every group size, runtime and way of holding the weights. */
function cheapest(side) {
  const names = tablesOf(side).options;
  const runtimes = side.laid.origins.runtime === "hand" ? [side.laid.choices.runtime] : names.runtime.map(({ value }) => value);
  const found = names.gpu.flatMap((gpu) => sizesOf(side).flatMap((size) => runtimes.flatMap((runtime) =>
    (size > 1 ? [false, true] : [false]).map((sharded) => optionOf(side, gpu, size, runtime, sharded))))).filter((one) => one && Number.isFinite(one.clip));
  const order = (one) => [one.month, one.figures.gpus, one.size, one.picks.sharding ? 1 : 0, one.latency];
  const first = (some, others) => some.map((value, at) => value - others[at]).find(Boolean) ?? 0;
  return found.sort((one, other) => first(order(one), order(other))).find((one) => !objected(side, one));
}

/** Take an option's flags as the reader's own. */
function choose(side, one) {
  const before = side.laid.choices.gpu;
  if (before !== one.gpu.value) {
    if (side.good.gpu_price) side.prices[before] = side.good.gpu_price;
    forget(side, "gpu_price");
  }
  if (!one.picks.attention_kernel) forget(side, "attention_kernel");
  for (const name of ["gpu", "runtime", "sharding"]) if (one.picks[name] !== undefined) pick(side, name, one.picks[name]);
  for (const name of ["gpus_per_replica", "gpu_price"]) if (one.good[name] !== undefined) change(side, name, one.good[name]);
  VIEW.runtime = "";
  recompute(side);
  drawSoon();
  tell(side);
}
