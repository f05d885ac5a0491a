// What a plan's seconds rest on, and how far off they may be: evidence.py on the published runs, whose index comes as DATA.evidence.

const { ways: WAYS, of_the_model: OF_THE_MODEL, bands: ERROR_BANDS, alike: ALIKE } = DATA.evidence;
const RUNS = DATA.evidence.runs.flatMap(([[rate, judged, option, ...words], clips]) => {
  const [model, generation, kernel, runtime, precision, ...ways] = words.map((at) => DATA.evidence.words[at]);
  const parts = [kernel, runtime, precision];
  const kind = { model, generation, rate: rate * DATA.evidence.rate, judged, option, parts, way: JSON.stringify(parts), ways };
  return clips.map(([gpus, tokens]) => ({ ...kind, gpus, tokens }));
});

/** What a clip does otherwise than a plain one, in the order of evidence.py. */
function waysOf(v) {
  const does = [v.steps <= DATA.evidence.few_steps, v.denoising_seconds * v.gpus_per_replica * v.time_factor < 0.5 * v.gpu_seconds_per_video, v.cached_step_share > 0, v.attention_sparsity > 0, v.decoder_work_share < 1, v.chunk_frames > 0 || v.streamed > 0, v.linear_attention > 0, v.factorised_attention > 0, v.model_resident < 1, v.blocks_streamed > 0];
  return WAYS.filter((_way, at) => does[at]);
}

function within(some, others) {
  return some.every((one) => others.includes(one));
}

/** The GPU-seconds of a clip at the whole of every peak: no plan is faster. */
function atPeak(v) {
  const attention = v.attention_flops_per_pass * (1 - v.attention_sparsity);
  const denoising = v.passes_per_video * (v.linear_flops_per_pass / v.peak_flops + attention / v.attention_peak_flops);
  return denoising + v.vae_decode_flops / v.vae_peak_flops;
}

/** The GPU-seconds of a clip, of a stream those of its frames per second, which may be pinned. */
function madeSeconds(v) {
  return v.streamed > 0 ? (v.duration * v.gpus_per_replica) / v.playing_speed : v.gpu_seconds_per_video;
}

/** Whether a pin says how long a clip takes, or how many frames per second a stream has. */
function isTimed(pins, v) {
  return Object.hasOwn(pins, "gpu_seconds_per_video") || (v.streamed > 0 && Object.hasOwn(pins, "generated_fps"));
}

/** Whether runs like a plan were measured, and the class of its error with its ends as factors on the predicted seconds. */
function restsOn(side, { merged, values, figures: v }) {
  const chosen = merged.choices;
  const own = tablesOf(side).own;
  const generation = generationOf(tablesOf(side), chosen.gpu);
  const taken = pickedOf(tablesOf(side), chosen);
  const kernel = `${chosen.gpu}/${taken}`;
  const runs = own.calibrated[`${chosen.gpu}/${chosen.runtime}`];
  const calibrated = runs?.timed.includes(`${chosen.compute_precision} ${taken}`) ? runs : null;
  const other = (name) => isWritten({ merged }, name) && values[name] !== [merged.supplied[name] ?? DATA.defaults[name]].flat()[0];
  const model = (DATA.evidence.timed_as[chosen.model] ?? chosen.model) + (own.changed.includes(chosen.model) || DATA.evidence.network.some(other) ? "*" : "");
  const plan = { model, generation, ways: waysOf(v), tokens: v.visual_tokens, gpus: v.gpus_per_replica, rate: v.vae_peak_flops * v.sustained_share };
  const way = JSON.stringify([taken, ALIKE[chosen.runtime] ?? chosen.runtime, ALIKE[chosen.compute_precision] ?? chosen.compute_precision]);
  const sized = (least, most) => least / 2 <= plan.tokens && plan.tokens <= most * 2;
  const ownClips = (calibrated?.clips ?? []).filter(([clip, least, most, fewest, longest]) => clip === `${plan.model} ${plan.gpus}` && sized(least, most) && fewest / 2 <= v.steps && v.steps <= longest * 2);
  const ownError = Math.max(Math.min(...ownClips.map((timed) => timed[5])), ...ownClips.map((timed) => timed[6]));
  const timed = (run) => run.judged && run.generation === plan.generation;
  const unlike = (reason) => ["extrapolated", reason];
  const fast = madeSeconds(v) * (1 + 1e-9) < atPeak(v);
  const kind = () => {
    if (fast) return unlike("the plan is faster than the peak of its GPU");
    const byHand = DATA.evidence.rates.filter((name) => isWritten({ merged }, name));
    if (byHand.length) return unlike(`${byHand.join(", ")} set by hand`);
    const near = RUNS.filter((run) => run.model === plan.model && timed(run) && sameCard(run, plan) && run.way === way && run.gpus === plan.gpus && sized(run.tokens, run.tokens));
    const like = near.some((run) => within(plan.ways, run.ways));
    if (calibrated) return calibrated.ways.some((run) => within(plan.ways, run)) && (like || ownError < Infinity) ? ["measured"] : ["same-generation"];
    const changed = [chosen.gpu, plan.generation, kernel, `${generation}/${taken}`, `${generation}/${chosen.attention_kernel}`, chosen.runtime].filter((id) => own.changed.includes(id));
    if (changed.length) return unlike(`${changed.join(", ")} of your own catalogue was not calibrated`);
    if (like) return ["measured"];
    const ofModel = RUNS.filter((run) => run.model === plan.model);
    if (!(plan.tokens <= 2 * Math.max(...(ofModel.length ? ofModel : RUNS).map((run) => run.tokens)))) return unlike("more than twice the tokens of any clip timed of its model");
    const special = plan.ways.filter((one) => OF_THE_MODEL.includes(one));
    const runtime = JSON.parse(way)[1];
    if (special.length && !RUNS.some((run) => within(special, run.ways) && run.parts[1] === runtime)) return unlike(`no published run of ${special.sort().join(" and ")} in this runtime`);
    return RUNS.some(timed) || RUNS.some((run) => run.judged && run.model === plan.model && run.way === way) ? ["same-generation"] : unlike("no published run of this GPU generation");
  };
  const [found, reason] = kind();
  const error = modelErrorOf(side, { merged, figures: v }, found, ownError, () => classOf({ ...plan, parts: JSON.parse(way) }, merged.origins.attention_kernel === "hand", found === "measured"), () => plan.ways.length > 0 && !RUNS.some((run) => timed(run) && within(plan.ways, run.ways)));
  const pinned = isTimed(side.plan.pins, v) || predictedShare(side.plan.pins, v) < (found === "extrapolated" ? 0.1 : 0.5);
  return { kind: pinned && !fast ? "measured" : found, reason, error, untimed: !calibrated && Object.keys(own.calibrated)[0] };
}

function sameCard(run, plan) {
  return run.generation === plan.generation && Math.abs(run.rate / plan.rate - 1) < DATA.evidence.alike_rates;
}

/** The class of the model's error by the nearest run of the plan's model: one that is not measured is never near. */
function classOf(plan, stated, measured) {
  const { generation, card, option, near, middle } = DATA.evidence.weights;
  const apart = (run) => Math.abs(Math.log2(run.tokens / Math.max(plan.tokens, 1))) + Math.abs(Math.log2(run.gpus / plan.gpus))
    + (run.generation !== plan.generation ? generation : sameCard(run, plan) ? 0 : card) + run.parts.filter((one, at) => one !== plan.parts[at]).length + option * run.option
    + WAYS.filter((one) => plan.ways.includes(one) !== run.ways.includes(one)).length;
  const nearest = Math.min(...RUNS.filter((run) => run.model === plan.model).map(apart));
  const close = measured && nearest <= near;
  return `${stated ? "stated" : "open"}-${nearest > middle ? "far" : close ? "near" : "middle"}`;
}

const OF_THE_FACTOR = "the range of time_factor";

/** The ends of the model's error, as factors, and whose it is; one that is written takes the place of the runs'. */
function modelErrorOf(side, { merged, figures: v }, kind, calibrated, of, untimed) {
  const { pins } = side.plan;
  if (isTimed(pins, v)) return { low: 1, high: 1, whose: "published runs" };
  if (isWritten({ merged }, "time_factor")) {
    const [low, high] = Object.hasOwn(side.good, "time_factor") ? [1, 1] : side.plan.time_factor;
    return { low, high, whose: OF_THE_FACTOR };
  }
  const measured = kind === "measured", own = measured && calibrated < Infinity;
  const far = kind === "extrapolated" || (!measured && untimed());
  const [low, high] = own ? [1 / calibrated, calibrated] : ERROR_BANDS[far ? "extrapolated" : of()];
  return ofThePredicted({ low, high, whose: own ? "clips like your own runs" : `published runs${measured ? "" : " unlike it"}` }, pins, v);
}

/** An error as one of a clip of which seconds are pinned: those may not be off. */
function ofThePredicted({ low, high, whose, predicted = 1 }, pins, v) {
  const share = predictedShare(pins, v);
  return { low: 1 + (low - 1) * share, high: 1 + (high - 1) * share, whose, predicted: predicted * share };
}

/** The share of a clip's seconds that is predicted: all but the pinned stages. */
function predictedShare(pins, v) {
  const pinned = DATA.evidence.stages.filter((name) => Object.hasOwn(pins, name));
  if (!pinned.length) return 1;
  const seconds = (stages) => FORMULAS.gpu_seconds_per_video({ ...v, other_gpu_seconds_per_video: 0, ...Object.fromEntries(stages.map((name) => [name, 0])) });
  const whole = seconds([]);
  return whole > 0 ? seconds(pinned) / whole : 1;
}

/** The part of a mix, or the stage of a clip, of whose seconds least is known, and of several the one that may be furthest off; else the plan itself. */
function worstOf(side, one) {
  const inner = [one.values[PARTS], one.values[STAGES]].find((some) => some?.length);
  if (!inner) {
    const found = restsOn(side, one);
    return { ...found, doubt: ["measured", "same-generation", "extrapolated"].indexOf(found.kind) * 1e3 + found.error.high / found.error.low };
  }
  for (const part of inner) {
    const values = { ...one.values, ...part.own, [PARTS]: undefined };
    Object.assign(part, worstOf({ plan: { ...side.plan, pins: part.pins }, good: side.good }, { merged: part.merged, values, figures: { ...values, ...clipsOf(part, one.values, neededFor(["playing_speed"])) } }));
  }
  const { name, kind, reason, error, doubt } = inner.reduce((some, other) => (other.doubt > some.doubt ? other : some));
  const staged = inner === one.values[STAGES];
  const where = `${staged ? "stages" : "mix"}.${name}${/^stages\.[^:]*: /.test(reason) ? "." : ": "}`;
  return { kind, reason: where + reason, error: staged ? ofThePredicted(error, side.plan.pins, one.figures) : error, doubt };
}

/** The factor on predicted seconds that lies so far out in the model's error: at `end` the ends of it. */
function factorAt({ low, high }, z) {
  const { least, end } = DATA.evidence;
  const [middle, down, up] = [1, low, high].map((value) => Math.log(value - least));
  return low === high ? 1 : least + Math.exp(middle + ((z > 0 ? up - middle : middle - down) * z) / end);
}

/** The values of a plan with these figures, whose parts and stages have their own as `known`. */
function atRest(plan, values, order) {
  const inner = (joins) => (part) => ({ ...part, known: atRest(part, { ...values, ...part.own, [PARTS]: undefined }, innerOrder(order, joins).needed) });
  return { ...evaluated(plan, values, order), [PARTS]: values[PARTS]?.map(inner(DATA.joins)), [STAGES]: values[STAGES]?.map(inner(DATA.stage_joins)) };
}

/** The same, moved in place to another factor on seconds; parts of which that is written keep it. */
function movedTo(plan, known, time_factor, order) {
  const clips = (part, joins) => (Object.hasOwn(part.own, "time_factor") ? part.known : movedTo(part, part.known, time_factor, innerOrder(order, joins).needed));
  return computed(plan, Object.assign(known, { time_factor }), order, clips);
}

/** What gives some figures of a plan at a factor on its seconds, until it is asked again: what that does not move is computed once. */
function byFactor(side, values, names) {
  const order = neededFor(names), known = atRest(side.plan, values, order), moving = movedBy("time_factor", order);
  return (factor) => movedTo(side.plan, known, values.time_factor * factor, moving);
}

/** The chance that a test holds over the model's error. */
function chanceOf(side, { values, error }, names, holds) {
  const points = error.low === error.high ? [0] : DATA.evidence.quantiles;
  const figures = byFactor(side, values, names);
  return points.filter((z) => holds(figures(factorAt(error, z)))).length / points.length;
}
