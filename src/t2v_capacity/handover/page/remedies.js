// What mends a plan, each change a button: fixes.py and drivers.py for a browser, every change tried as the estimate with its flags.

const { groups: LARGER, most: FIXES } = DATA.fixes;
const TRIED = ["gpus", "latency_p95", "cost_per_month", "memory_needed", "memory_usable", "servers_available", "servers_per_replica", ...DATA.late_by];

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

/** The first changes that mend a plan, each with the plan that follows: first what fits, then what keeps a promise surely, then what takes no unlisted engine, then the cheapest; of equals the first. */
function fixing(side, changes, mended) {
  const tried = [...changes].map((flags) => ({ flags, ...changed(side, flags) })).filter((one) => one.figures && !outlivedPins(side, one, []).length && !otherSeconds(side, one) && mended(one.figures));
  for (const one of tried) {
    const { cost_per_month: cost, gpus, gpu_seconds_per_video: seconds } = one.figures;
    one.rank = [overfull(one.figures), promises(side) && (late(one.figures) || chanceOnTime(side, one) < DATA.sure), caveat(side, one), Number.isNaN(cost) ? Infinity : cost, gpus, seconds];
  }
  tried.sort(byRank);
  return tried.filter((one, at) => !at || byRank(tried[at - 1], one)).slice(0, FIXES);
}

function byRank({ rank }, { rank: other }) {
  const at = rank.findIndex((part, place) => part !== other[place]);
  return at < 0 ? 0 : rank[at] > other[at] ? 1 : -1;
}

/** Larger groups, over which attention heads divide. */
const largerGroups = (v) => LARGER.filter((size) => size > v.gpus_per_replica && !headsLeftOver(v.heads, size / v.guidance_split));

/** The changes with which a clip may fit its GPU; apart from them weights in 8 bits: another picture. */
function forMemory(side) {
  const v = side.figures, bytes = v.bytes_per_parameter;
  return [
    [
      ...(bytes > 2 ? [{ precision: "bf16" }] : []), ...picturesOf(side, "runtime"), { vae_tiling: "tiled" },
      ...["encoder", "all", "blocks", "layers"].flatMap((offload) => [{ offload }, { vae_tiling: "tiled", offload }]), ...dividedGroups(v),
    ],
    bytes > 1 ? [{ precision: "fp8" }, { precision: "fp8", vae_tiling: "tiled", offload: "all" }] : [],
  ];
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

/** The changes that may meet a latency: kernels and runtimes that are quicker, alone and together, and groups. Weights are divided where they don't fit. */
function* forLatency(side) {
  const v = side.figures;
  const groups = [...largerGroups(v).map((size) => ({ gpus_per_replica: String(size) })), ...(overfull(v) ? dividedGroups(v) : [])];
  const isQuicker = (flags) => changed(side, flags)?.figures.first_frame_seconds < v.first_frame_seconds;
  const [kernels, runtimes] = ["attention_kernel", "runtime"].map((name) => picturesOf(side, name).filter(isQuicker));
  yield* [...kernels, ...runtimes];
  yield* kernels.flatMap((kernel) => runtimes.map((runtime) => ({ ...kernel, ...runtime })));
  yield* groups;
  yield* groups.flatMap((group) => runtimes.map((runtime) => ({ ...runtime, ...group })));
  if (!v.sized_by_latency) yield { sized_by: "latency" };
}

/** The few-step checkpoints of the model, each with its steps and passes where a part, a stage or the reader has more. */
function checkpointsOf(side) {
  const [{ choices }, tables] = [side.merged, tablesOf(side)];
  return Object.keys(tables.implied.checkpoint.rows).filter((id) => id.startsWith(`${choices.model}/`)).map((id) => {
    const flags = { distilled: id.slice(choices.model.length + 1) };
    const there = mergedWith(side, { ...side.picks, ...flags }, side.good);
    const own = rowOf(tables, "distilled", { ...choices, ...flags });
    for (const name of ["steps", "passes_per_step", ...innerNames(side)].filter((one) => /(^|\.)(steps|passes_per_step)$/.test(one))) {
      const [most] = own[name.split(".").pop()];
      if (valueOf(there, name) > most) flags[name] = String(most);
    }
    return flags;
  });
}

/** The limit of GPUs with which a fleet that it keeps too small carries its peak. */
function forLimit(side) {
  if (!isWritten(side, "gpu_limit")) return [];
  const free = evaluated(side.plan, { ...side.values, gpu_limit: DATA.defaults.gpu_limit }, neededFor(TRIED));
  return free.utilization < 1 ? [[{ gpu_limit: String(free.gpus) }]] : [];
}

const LATE = "misses-target-latency";
// What a plan may be warned of: whether it holds, what is said where a change mends it and where it doesn't, and the changes to try: lists, each tried after the one before.
const TROUBLES = {
  "memory-does-not-fit": [overfull, "fits", "does not fit", forMemory],
  overloaded: [(v) => !(v.utilization < 1), "carries the peak", "overloaded", forLimit],
  [LATE]: [(v) => Number.isNaN(v.latency_p95) || late(v), "meets the target", "misses the target", (side) => [forLatency(side), checkpointsOf(side)]],
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
  const hopeful = codes.filter((code) => code !== LATE || !Number.isNaN(v.latency_p95));
  const found = hopeful.map((code) => TROUBLES[code][3](side).flatMap((changes) => fixing(side, changes, mends(code))).slice(0, FIXES));
  const tried = found.flat();
  if (codes.length && tried.every(({ figures }) => left(figures))) tried.push(...fixing(side, together(found), (there) => !left(there)).slice(0, 1));
  if (!late(v) && isAtRisk(side, { ...side }, [])) tried.push(...fixing(side, forLatency(side), (there) => !overfull(there)).filter(({ rank }) => !rank[1]));
  if (hopeful.includes(LATE)) tried.push(...fixing(side, checkpointsOf(side), mends(LATE)).slice(0, 1));
  tried.sort((one, other) => ("distilled" in one.flags) - ("distilled" in other.flags) || left(one.figures) - left(other.figures) || byRank(one, other));
  return [...new Map(tried.map((one) => [JSON.stringify(one.flags), one])).values()];
}

/** A change for each trouble at once, where none names what another one does. */
function together(found) {
  const apart = (one) => ({ flags }) => !Object.keys(flags).some((name) => name in one);
  return found.reduce((some, fixes) => some.flatMap((one) => fixes.filter(apart(one)).map(({ flags }) => ({ ...one, ...flags }))), [{}]);
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
    const none = !found.length && warnedOf(side, LATE) && !Number.isNaN(side.figures.latency_p95) && "No kernel, runtime, group size, checkpoint or fleet that was tried meets the target.";
    return [
      none && element("p", { class: "hint" }, lettered(side, none)),
      ...found.map((one) => {
        const { flags, figures } = one;
        return element("p", {}, letter(side), element("button", { type: "button", "data-remedy-flags": JSON.stringify(flags), onclick: () => take(side, flags) }, saying(flags)),
          element("span", {}, `${leadsTo(side, figures)}${outcomes(side, figures) || riskAfter(side, one)}${flags.distilled ? "; another picture" : ""}${caveat(side, one)}`));
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
