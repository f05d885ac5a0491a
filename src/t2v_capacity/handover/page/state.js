// What the page knows: the plans as they were exported, what the reader has changed, and what follows.

const DATA = JSON.parse(document.getElementById("data").textContent);
/** Figures in the order in which they are evaluated. */
DATA.order = Object.keys(DATA.formulas);
for (const name of DATA.order) DATA.formulas[name].names = String(FORMULAS[name]).slice("(v) => ".length).replaceAll("v.", "").replaceAll(" ** ", " ^ ").replaceAll(" * ", " x ");
const ABOUT = DATA.about;
const UNITS = DATA.units;
const CONSTANTS_OF_VERBS = DATA.verbs;

// One side a scenario. `texts` holds what stands in the fields that the reader wrote in, `errors` what is wrong with it, and `good`
// the last text of each that could be read: that is what counts, in the figures, the address and the scenario file alike.
const SIDES = DATA.plans.map((plan, index) => {
  // JSON has no word for an unknown number; its field is empty, and what rests on it has no value.
  for (const [name, value] of Object.entries(plan.values)) if (value === null) plan.values[name] = NaN;
  plan.written = Object.fromEntries(Object.entries(plan.file.written).filter(([, text]) => typeof text === "string"));
  for (const { figure } of plan.limits) ABOUT[figure] ??= ABOUT[figure.split(".").pop()];
  return { plan, index, picks: {}, prices: {}, added: [], texts: {}, good: {}, errors: {}, refused: "", merged: null, values: plan.values, figures: null };
});

/** Every figure of a plan at these values; a pinned one keeps its number. */
function evaluated(plan, values, order = DATA.order) {
  const known = { ...values, gpu_limit: Math.min(values.gpu_limit, pinnedGpuLimit(plan.pins, values)) };
  return computed(plan, known, order, (part, joins) => clipsOf(part, values, order, joins));
}

/** Known values with these figures of a plan, computed in place; of a part or a stage `clips` gives those of its clips. */
function computed(plan, known, order, clips) {
  const { [PARTS]: parts = [], [STAGES]: stages = [] } = known;
  const own = parts.map((part) => clips(part, DATA.joins));
  const inner = own.length ? joined(parts, own, order) : stages.length ? throughStages(plan, stages, stages.map((stage) => clips(stage, DATA.stage_joins)), order) : {};
  for (const name of order) if (Object.hasOwn(inner, name)) known[name] = inner[name];
  else known[name] = Object.hasOwn(plan.pins, name) ? plan.pins[name] : FORMULAS[name](known);
  if (own.length && Object.hasOwn(known, "latency_slack") && !DATA.promise.some((name) => Object.hasOwn(plan.pins, name))) known.latency_slack = Math.min(...own.map((one) => promiseOf(one, known).latency_slack));
  return known;
}

/** The GPUs that can be had where they are pinned, as settings.py has it: a replica in each region at least. */
function pinnedGpuLimit(pins, { gpus_per_server: server, gpus_per_replica: group, regions }) {
  const had = pins.gpus ?? pins.servers * server;
  return Number.isNaN(had) ? Infinity : Math.max(had, regions * (group > server ? Math.ceil(group / server) * server : group));
}

/** The tables of a side's catalogue. */
function tablesOf(side) {
  return DATA.catalogues[side.plan.catalogue];
}

/** What lies with these flags of the reader over those of the export. */
function layWith(side, picks, good) {
  const { flags } = side.plan.below;
  const [owners, frames] = [flags.owners, flags.frames].map((of) => Object.fromEntries(Object.entries(of).filter(([name]) => !Object.hasOwn(good, name))));
  return lay(tablesOf(side), side.plan.below, { choices: { ...flags.choices, ...picks }, numbers: { ...flags.numbers, ...numbersOf(good) }, owners, frames });
}

/** A side as it would be with these flags of the reader over those of the export: what lies, its values, and why it can't be. */
function mergedWith(side, picks, good) {
  const merged = layWith(side, picks, good);
  const values = settle(tablesOf(side), merged, side.plan.bitrates);
  if (partsOf(side).length) {
    const parts = layersOver(side, "mix.", shared(partsOf(side), good, merged), good, merged, values);
    [values[PARTS], values[IDLE]] = [parts.filter(({ share }) => share > 0), parts.filter(({ share }) => !(share > 0))];
  }
  values[STAGES] = layersOver(side, "stages.", side.plan.stages, good, merged, values);
  return { merged, values };
}

/** Compute a side anew from what was exported and what the reader changed; flags that the command line refuses change nothing. */
function recompute(side) {
  const { merged, values } = mergedWith(side, side.picks, side.good);
  const figures = evaluated(side.plan, values);
  side.refused = merged.refused || refusal(values, figures);
  if (side.refused && side.merged) return;
  Object.assign(side, { merged, values, figures, ends: null, chance: null });
  Object.assign(side, worstOf(side, side));
}

/** What chunks and streams can't have, as the command line says it. */
function streamRefusal(values) {
  const { chunk_frames: chunk, window_frames: window } = values;
  if (chunk > 0 && window > 0 && window < chunk) return "`window_frames` is less than `chunk_frames`: a chunk sees itself";
  const ofChunks = ["window_frames", "cache_passes"].find((name) => chunk <= 0 && values[name] > 0);
  if (ofChunks) return `\`${ofChunks}\` is of chunks, and there are none; write \`chunk_frames\`, such as 12, or \`${ofChunks}: 0\``;
  const has = { ...values, mix: values[PARTS]?.length, stages: values[STAGES]?.length };
  const [ofClips] = values.streamed > 0 ? Object.entries(DATA.of_clips).filter(([name]) => has[name] > 0) : [];
  return ofClips ? `\`${ofClips[0]}\` is of clips: ${ofClips[1]}` : "";
}

/** Why the command line refuses a plan that can be written: what a stream can't have, a limit below one replica per region, or a figure beyond all numbers. */
function refusal(values, figures) {
  const ofStreams = streamRefusal(values);
  if (ofStreams) return ofStreams;
  if (figures.servers_available < figures.regions * figures.servers_per_replica) return "`gpu_limit` holds less than one replica in each region; raise it";
  const endless = DATA.order.find((name) => Math.abs(figures[name]) === Infinity);
  return endless ? `with these values ${endless} has no finite value` : "";
}

/** Whether an assumption is written in a plan's file or by the reader. */
const isWritten = ({ merged }, name) => Object.hasOwn(merged.written, name);

/** Whether an input goes with others: a bitrate with the frame, if none is written. */
function follows(side, name) {
  return name === "bitrate" && side.plan.bitrates.length > 0 && !Object.hasOwn(side.good, name);
}

/** Choose an option: a flag, even where it is the option in force, so that nothing depends on what was chosen before. */
function pick(side, name, option) {
  side.touched = name;
  const known = tablesOf(side).options[name].some(({ value }) => value === option);
  if (known) delete side.errors[name];
  else side.errors[name] = `\`${option}\` is not an option of ${name}`;
  if (known) side.picks[name] = option;
}

/** Choose a GPU, or let it be as exported. A price is of the GPU for which it was typed: it is put aside with it, and comes back. */
function chooseGpu(side, option) {
  const inForce = () => layWith(side, side.picks, side.good).choices.gpu;
  const before = inForce();
  option ? pick(side, "gpu", option) : forget(side, "gpu");
  const now = inForce();
  if (now === before) return;
  if (side.good.gpu_price) side.prices[before] = side.good.gpu_price;
  for (const name of DATA.prices) forget(side, name);
  if (side.prices[now]) change(side, "gpu_price", side.prices[now]);
  delete side.prices[now];
}

// What a choice may supply: a value of it that was exported may still be written, over what a choice would bring.
const SUPPLIED = new Set(DATA.catalogues.flatMap(({ tables }) => Object.values(tables).flatMap(({ names }) => names)));

/** Take what the reader wrote: a value that was exported is no change, a text that can't be read changes nothing. */
function change(side, name, text) {
  side.touched = name;
  const strict = forgiven(name, text);
  const read = readAssumption(name, strict);
  const follower = SUPPLIED.has(name) || OWN.test(name) || (name === "bitrate" && side.plan.bitrates.length > 0);
  if (read.value === side.plan.values[name] && !follower) return forget(side, name);
  side.texts[name] = text;
  if ("error" in read) {
    side.errors[name] = twofold(name, text) || read.error;
  } else {
    delete side.errors[name];
    side.good[name] = strict;
  }
}

/** Let an input be as it was exported. */
function forget(side, name) {
  for (const held of [side.picks, side.texts, side.good, side.errors]) delete held[name];
}

function forgetAll(side) {
  haveProducts(side, []);
  for (const name of Object.keys({ ...side.picks, ...side.texts, ...side.errors })) forget(side, name);
}

/** What the reader set, as flags: options, and texts that could be read. */
function flagsOf(side) {
  return { ...side.picks, ...side.good };
}

function isChanged(side) {
  return Object.keys(flagsOf(side)).length > 0;
}

/** Whether a figure reads otherwise than when it was exported. */
function moved(side, name) {
  return showValue(name, side.figures[name]) !== showValue(name, side.plan.figures[name]);
}

/** The changes as they follow the `#` of the address; the second scenario's begin with `2.`. */
function fragment() {
  const parts = new URLSearchParams();
  for (const side of SIDES) {
    const prices = Object.entries(side.prices).map(([gpu, text]) => [`price.${gpu}`, text]);
    for (const [name, text] of [...Object.entries(flagsOf(side)), ...prices]) parts.set((side.index ? "2." : "") + name, text);
  }
  return parts.toString();
}

function readFragment() {
  SIDES.forEach(forgetAll);
  for (const side of SIDES) side.prices = {};
  for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
    const second = key.startsWith("2.");
    const name = second ? key.slice(2) : key;
    const side = SIDES[second ? 1 : 0];
    const product = /^mix\.([A-Za-z0-9_]+)\.share$/.exec(name)?.[1];
    if (side && product && !innerNames(side).includes(name)) haveProducts(side, [...side.added, product]);
    if (side && (Object.hasOwn(side.plan.values, name) || innerNames(side).includes(name))) change(side, name, text);
    else if (side && Object.hasOwn(tablesOf(side).names, name)) pick(side, name, text);
    else if (side && name.startsWith("price.") && "value" in readAssumption("gpu_price", text)) side.prices[name.slice(6)] = text;
  }
  SIDES.forEach(recompute);
}

/** A service's months: more users, an older service, prices that change, and what follows; as `t2v-cap forecast` has it. */
function months(side, count, names) {
  const found = [];
  for (let month = 0; month < count; month += 1) {
    const users = side.values.dau * Math.pow(1 + side.values.growth_per_month, month);
    const age = side.values.service_age + month * side.values.days_per_month * SECONDS_PER_DAY;
    const cheaper = Math.pow(1 + side.values.gpu_price_change_per_year, (month * side.values.days_per_month) / DAYS_PER_YEAR);
    const prices = { gpu_price: side.values.gpu_price * cheaper, spot_price: side.values.spot_price * cheaper };
    if (users > ABOUT.dau.high || users < ABOUT.dau.low || age > ABOUT.service_age.high) break;
    found.push(evaluated(side.plan, Object.assign({}, side.values, { dau: users, service_age: age, ...prices }), neededFor(names)));
  }
  return found;
}
