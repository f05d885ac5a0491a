// What mends a plan, each change a button: fixes.py and drivers.py for a browser, every change tried as the estimate with its flags.

const { groups: LARGER, most: FIXES } = DATA.fixes;
const TRIED = ["gpus", "latency_p95", "cost_per_month", "cost_per_video", "gpu_seconds_per_video", "memory_needed", "memory_usable", "servers_available", "servers_per_replica", ...DATA.late_by];

/** A side as it would be with more flags, or nothing where the command line refuses them. */
function changed(side, flags) {
  const picks = Object.fromEntries(Object.entries(flags).filter(([name]) => !Object.hasOwn(ABOUT, name)));
  const good = Object.fromEntries(Object.entries(flags).filter(([name]) => Object.hasOwn(ABOUT, name)));
  const { merged, values } = mergedWith(side, { ...side.picks, ...picks }, { ...side.good, ...good });
  const figures = evaluated(side.plan, values, neededFor([...TRIED, ...limitedBy(side.plan.limits)]));
  return merged.refused || refusal(values, figures) ? null : { merged, values, figures };
}

/** Take flags as the reader's own; a price among them is of the GPU among them. */
function take(side, flags) {
  if (flags.gpu) chooseGpu(side, flags.gpu);
  for (const [name, value] of Object.entries(flags)) Object.hasOwn(ABOUT, name) ? change(side, name, value) : pick(side, name, value);
  recompute(side);
  drawSoon();
  tell(side);
}

const TRIALS = new WeakMap();

/** A change with the plan that follows, computed once for each state of a side. Its rank is whether memory is too small, its caveat, a clip's cost (or infinity), GPUs and seconds. */
function tried(side, flags) {
  const trials = TRIALS.get(side.figures) ?? {}, key = JSON.stringify(flags);
  TRIALS.set(side.figures, trials);
  if (trials[key]) return trials[key];
  const one = trials[key] = { flags, ...changed(side, flags) }, v = one.figures;
  if (v) one.rank = [overfull(v), caveat(side, one), Number.isNaN(v.cost_per_video) ? Infinity : v.cost_per_video, v.gpus, v.gpu_seconds_per_video];
  return one;
}

/** The changes that mend a plan: first what fits, then what keeps a promise surely, then what takes no unlisted engine, then the cheapest; of equals the first. Chances take longest: few are asked for. */
function* fixing(side, changes, mended) {
  const fixes = changes.map((flags) => tried(side, flags)).filter((one) => one.figures && !outlivedPins(side, one, []).length && !otherSeconds(side, one) && mended(one.figures)).sort(byRank);
  for (const place of [0, 1, 2, 3]) for (const [at, one] of fixes.entries()) if ((!at || byRank(fixes[at - 1], one)) && one.rank[0] === place > 1 && isSure(side, one) === !(place % 2)) yield one;
}

/** Whether a change keeps a promised latency surely; so it is where none is promised. */
const isSure = (side, one) => !promises(side) || (!late(one.figures) && chanceOnTime(side, one) >= DATA.sure);

/** The changes that mend a plan, and of a plan with a limit also a higher one, alone and with each of them: the lowest, in tenths of the fleet, that keeps a promise as surely as no limit does. */
function* lifting(side, changes, mended) {
  const limited = (flags, gpus) => ({ ...flags, gpu_limit: String(Math.ceil(gpus)) });
  const free = isWritten(side, "gpu_limit") ? [{}, ...changes].map((flags) => limited(flags, DATA.defaults.gpu_limit)) : [];
  for (const fix of fixing(side, [...free, ...changes], mended)) {
    const { gpu_limit: lifted, ...flags } = fix.flags, tenths = lifted ? [...Array(10).keys()] : [];
    const lower = [flags, ...tenths.map((tenth) => limited(flags, fix.figures.gpus * (10 + tenth) / 10))];
    const lowest = lower.find((each) => { const one = tried(side, each); return one.figures && mended(one.figures) && (isSure(side, one) || !isSure(side, fix)); });
    yield lowest ? tried(side, lowest) : fix;
  }
}

/** The first of what is yielded, of that which passes a test. */
function taken(count, some, test = () => true) {
  const kept = [];
  for (const one of some) if (test(one) && kept.push(one) === count) break;
  return kept;
}

function byRank({ rank }, { rank: other }) {
  const at = rank.findIndex((part, place) => part !== other[place]);
  return at < 0 ? 0 : rank[at] > other[at] ? 1 : -1;
}

/** Larger groups, over which attention heads divide. */
const largerGroups = (v) => LARGER.filter((size) => size > v.gpus_per_replica && !headsLeftOver(v.heads, size / v.guidance_split));

/** The changes that may mend memory: tiles, offloads and divided weights, alone and with each other. */
function forMemory(v) {
  const tiles = [{}, { vae_tiling: "tiled" }];
  const offloads = v.unified_memory ? [] : ["encoder", "all", "blocks", "layers"].map((offload) => ({ offload }));
  const blocks = offloads.slice(2, 3);
  const changes = [...combinations(tiles, offloads), ...combinations(tiles, [{}, ...blocks], [{}, ...dividedGroups(v)])];
  return v.bytes_per_parameter > 2 ? combinations([{ precision: "bf16" }], changes) : changes;
}

/** Every way to take one change of each part together, those of fewest settings first. */
function combinations(...parts) {
  const apart = (one) => (flags) => !Object.keys(flags).some((name) => name in one);
  return parts.reduce((some, part) => some.flatMap((one) => part.filter(apart(one)).map((flags) => ({ ...one, ...flags }))), [{}])
    .sort((one, other) => Object.keys(one).length - Object.keys(other).length);
}

/** The plan's own group and the same larger ones, with their weights divided. */
const dividedGroups = (v) => [{ sharding: "weights" }, ...largerGroups(v).map((size) => ({ gpus_per_replica: String(size), sharding: "weights" }))];

/** The options of a choice that can be with the others, but the one in force. */
function othersOf(side, name) {
  const tables = tablesOf(side);
  return tables.options[name].map(({ value }) => value).filter((value) => value !== side.merged.choices[name] && rowOf(tables, name, { ...side.merged.choices, [name]: value }));
}

/** The changes to those of them that make the same picture. */
const picturesOf = (side, name) => othersOf(side, name).filter((option) => tablesOf(side).same_picture[name].includes(option)).map((option) => ({ [name]: option }));

/** The changes that mend memory, weights in 8 bits last; other runtimes are tried alone, and with the cheapest of the other changes. */
function* memoryFixes(side, mended) {
  const runtimes = picturesOf(side, "runtime");
  const in8Bits = [{ precision: "fp8" }, { precision: "fp8", vae_tiling: "tiled", offload: "all" }];
  for (const changes of [forMemory(side.figures), in8Bits]) {
    const cheapest = taken(2 * FIXES, fixing(side, changes, mended)).map(({ flags }) => flags);
    yield* fixing(side, [...runtimes, ...changes, ...combinations(cheapest, runtimes)], mended);
  }
}

/** The changes that may meet a latency: kernels and runtimes that are quicker, groups and sizing, each alone and with each other. Where memory is too small, they are tried with what mends it. No fleet helps a clip longer than its target. */
function forLatency(side) {
  const v = side.figures;
  const fitting = overfull(v) ? [{ sharding: "weights" }, ...taken(FIXES, memoryFixes(side, (there) => !overfull(there))).map(({ flags }) => flags)] : [];
  const isQuicker = (flags) => tried(side, flags).figures?.first_frame_seconds < v.first_frame_seconds;
  const [kernels, runtimes] = ["attention_kernel", "runtime"].map((name) => picturesOf(side, name).filter(isQuicker));
  const groups = largerGroups(v).map((size) => ({ gpus_per_replica: String(size) }));
  const whole = combinations(...[fitting, kernels, runtimes, groups].map((part) => [{}, ...part]));
  const hasTime = ({ figures, values }) => figures && (partsOf(side).length || figures.delivery_seconds < values.target_latency);
  const sized = promises(side) && !v.sized_by_latency ? whole.filter((flags) => hasTime(tried(side, flags))).map((flags) => ({ ...flags, sized_by: "latency" })) : [];
  return [...whole.slice(1), ...sized];
}

/** The changes that meet a latency; last those that make another picture. */
function* latencyFixes(side, mended) {
  yield* lifting(side, forLatency(side), mended);
  yield* fixing(side, repainted(side), mended);
}

/** The changes with which a fleet carries its peak: first a limit of GPUs alone, then the cheapest of all. */
function* limitFixes(side, mended) {
  yield* lifting(side, [], mended);
  yield* lifting(side, forLatency(side), mended);
}

/** What makes another picture: the few-step checkpoints of the model, each with its steps and passes where a part, a stage or the reader has more, and its light decoders. */
function repainted(side) {
  const [{ choices }, tables] = [side.merged, tablesOf(side)];
  const checkpoints = Object.keys(tables.implied.checkpoint.rows).filter((id) => id.startsWith(`${choices.model}/`)).map((id) => {
    const flags = { distilled: id.slice(choices.model.length + 1) };
    const there = mergedWith(side, { ...side.picks, ...flags }, side.good);
    const own = rowOf(tables, "distilled", { ...choices, ...flags });
    for (const name of ["steps", "passes_per_step", ...innerNames(side)].filter((one) => /(^|\.)(steps|passes_per_step)$/.test(one))) {
      const [most] = own[name.split(".").pop()];
      if (valueOf(there, name) > most) flags[name] = String(most);
    }
    return flags;
  });
  return [...checkpoints, ...othersOf(side, "decoder").map((decoder) => ({ decoder }))];
}

/** Whether a change makes another picture. */
const isRepainted = ({ flags }) => Boolean(flags.distilled || flags.decoder);

const LATE = "misses-target-latency";
// What a plan may be warned of: whether it holds, what is said where a change mends it and where it doesn't, and the changes that mend it.
const TROUBLES = {
  "memory-does-not-fit": [overfull, "fits", "does not fit", memoryFixes],
  overloaded: [(v) => !(v.utilization < 1), "carries the peak", "overloaded", limitFixes],
  [LATE]: [(v) => Number.isNaN(v.latency_p95) || late(v), "meets the target", "misses the target", latencyFixes],
};

/** The troubles of a side. */
function troublesOf(side) {
  const codes = new Set(warned(side).map(([, code]) => code));
  return Object.keys(TROUBLES).filter((code) => codes.has(code));
}

/** The changes that mend what a plan is warned of: first what mends all, last another checkpoint; as advice.py has them. */
function remediesOf(side) {
  const v = side.figures;
  const codes = troublesOf(side);
  const mends = (code) => (there) => (!overfull(there) || there.memory_needed <= v.memory_needed) && !TROUBLES[code][0](there);
  const left = (there) => codes.filter((code) => TROUBLES[code][0](there)).length;
  const fixes = (code) => TROUBLES[code][3](side, mends(code));
  const found = codes.flatMap((code) => taken(FIXES, fixes(code)));
  if (codes.length && !found.some((one) => !left(one.figures) && isSure(side, one))) found.push(...taken(1, fixes(codes.at(-1)), (one) => !left(one.figures)));
  if (!late(v) && isAtRisk(side, { ...side }, [])) found.push(...taken(FIXES, latencyFixes(side, mends(LATE)), (one) => isSure(side, one)));
  if (codes.includes(LATE)) found.push(...taken(1, fixing(side, repainted(side), mends(LATE))));
  const order = (one) => ({ rank: [isRepainted(one), left(one.figures), overfull(one.figures), !isSure(side, one), ...one.rank] });
  found.sort((one, other) => byRank(order(one), order(other)));
  return [...new Map(found.map((one) => [JSON.stringify(Object.entries(one.flags).sort()), one])).values()];
}

/** What becomes of the troubles with a change that leaves one; nothing where it mends all. */
function outcomes(side, v) {
  const rows = troublesOf(side).map((code) => TROUBLES[code]);
  return rows.some(([holds]) => holds(v)) ? rows.map(([holds, mended, left]) => `; ${holds(v) ? `still ${left}` : mended}`).join("") : "";
}

/** That a change keeps the promised latency too rarely over the model's error, or misses it, as its flags say it on the command line. */
function riskAfter(side, one) {
  if (!promises(side)) return "";
  if (chanceOnTime(side, one) >= DATA.sure) return rangesApart(side, one).replace(",", "; met");
  return late(one.figures) ? `; ${TROUBLES[LATE][2]}` : `; at risk: met in ${chanceText(one.chance)}${rangesApart(side, one)}`;
}

const SAID = {
  offload: { encoder: "offload the text encoder", all: "offload the weights between stages", blocks: "stream the weights block by block", layers: "stream the weights and the text encoder layer by layer" },
  vae_tiling: { tiled: "decode in tiles" },
  sharding: { weights: "divide the weights among them" },
  runtime: { engine: "use the serving engine" },
  sized_by: { latency: "size the fleet for the target" },
};

/** What flags do, as a button says it. */
function saying(flags) {
  const say = ([name, value]) => SAID[name]?.[value] ?? {
    gpus_per_replica: `use ${value} GPUs per clip`, precision: `store weights as ${value}`, runtime: `use runtime ${value}`, attention_kernel: `use kernel ${value}`,
    distilled: `use the checkpoint ${value}`, gpu_limit: `allow ${value} GPUs`, gpu: `use ${value}`,
  }[name] ?? `${words(name)} ${value}`;
  return capital(Object.entries(flags).map(say).join(", "));
}

/** That no engine is listed for the model, where a runtime is one. */
function engineless(side, runtime) {
  const { model } = side.merged.choices;
  return runtime === "engine" && tablesOf(side).without_engine.includes(model) ? `; no engine listed for ${model}` : "";
}

/** What speaks against a change itself: a broken budget, seconds beyond the reader's own runs, or an unlisted engine. */
function caveat(side, one) {
  const [, over] = brokenBudgets(side, one, keptBudgets(side)) || [];
  return over ? `; breaks ${over}` : evidenceOf(side, one).untimed ? "; not among your own runs" : engineless(side, one.flags.runtime);
}

/** What a change leads to. */
function leadsTo(side, v) {
  const more = proportion(v.cost_per_month, side.figures.cost_per_month);
  const cost = Number.isFinite(v.cost_per_month) ? `${dollars(v.cost_per_month)} USD per month${more && ` (${more})`}` : "no price";
  return `${grouped(v.gpus, "gpu")}, ${headline(v, "latency_p95")}, ${cost}`;
}

/** Under what the plan is warned of, the changes that mend it. */
function showRemedies() {
  const warnedOf = (side, code) => warned(side).some(([, one]) => one === code);
  fill(document.getElementById("remedies"), ...SIDES.flatMap((side) => {
    const found = remediesOf(side);
    const none = !found.length && warnedOf(side, LATE) && !Number.isNaN(side.figures.latency_p95) && "No kernel, runtime, group size, checkpoint, decoder or fleet that was tried meets the target.";
    return [
      none && element("p", { class: "hint" }, lettered(side, none)),
      ...found.map((one) => {
        const { flags, figures } = one;
        return element("p", {}, letter(side), element("button", { type: "button", "data-remedy-flags": JSON.stringify(flags), onclick: () => take(side, flags) }, saying(flags)),
          element("span", {}, `${leadsTo(side, figures)}${outcomes(side, figures) || riskAfter(side, one)}${isRepainted(one) ? "; another picture" : ""}${caveat(side, one)}`));
      }),
      !(side.figures.gpu_price > 0) && element("p", {}, letter(side), element("button", { type: "button", onclick: () => document.getElementById(`input-${side.index}-gpu_price`).focus() }, "Set the GPU price")),
    ];
  }));
}

/** Changes that could be made at once and to which nothing objects: the best of the other runtimes, and the better of the next generation's GPU and the one of cheapest clips. */
function alternativesOf(side) {
  const { gpu, runtime } = side.merged.choices;
  const [gpus, size] = [tablesOf(side).options.gpu, side.values.gpus_per_replica];
  const here = gpus.find(({ value }) => value === gpu);
  const holding = (one) => !objectionsTo(side, one).length;
  const changed = (other, how) => ({ ...candidateOf(side, appliedTo(side, other, how), { size }), alone: true });
  const first = (options, name) => options.filter(holding).sort((one, other) => one.figures[name] - other.figures[name]).slice(0, 1);
  const others = first(runtimesOf(side).filter((one) => one !== runtime).map((other) => changed({ ...here, few: "" }, other)), "gpus");
  // Another GPU is tried as the plan is, and with that runtime.
  const named = gpus.filter(({ value }) => value !== gpu && [here.successor, tablesOf(side).cheapest_clips].includes(value));
  const elsewhere = named.flatMap((other) => [runtime, ...others.map((one) => one.runtime)].map((how) => changed(other, how)));
  return [...others, ...first(elsewhere, "cost_per_month")];
}

/** The alternatives as buttons. */
function alternatives(side) {
  const found = alternativesOf(side);
  return found.length > 0 && element("div", { class: "panel" }, element("h2", {}, "Alternatives"), element("div", { class: "remedies" }, ...found.map((one) => {
    const own = side.merged.choices;
    const flags = { ...(one.gpu.value !== own.gpu && { gpu: one.gpu.value }), ...(one.runtime !== own.runtime && { runtime: one.runtime }) };
    return element("p", {}, element("button", { type: "button", "data-alternative": JSON.stringify(flags), onclick: () => choose(side, one) }, saying(flags)), element("span", {}, `${leadsTo(side, one.figures)}; ${EVIDENCE[one.kind]}${engineless(side, one.runtime)}`));
  })));
}
