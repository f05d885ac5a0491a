// Whether a plan holds, and why not: verdict.py for a browser, asked of the page's own plan and of every option.

const UNABLE = ["memory", "limit", "precision", "overloaded"]; // objections to what cannot serve, at any target
const AMISS = ["latency", "deferred wait", ...UNABLE]; // those to what cannot serve in time

/** Whether a latency is promised. */
function promises(side) {
  return side.values.streamed > 0 || [side, ...(side.values[PARTS] ?? [])].some((one) => isWritten(one, "target_latency"));
}

/** The one target of a plan, in seconds; nothing where parts of a mix have their own. */
function targetOf(side) {
  return side.values[PARTS]?.some((part) => part.own.target_latency !== undefined) ? NaN : side.values.target_latency;
}

/** The latency that is promised, as its author or the reader wrote it. */
function asked(side) {
  return Number.isNaN(targetOf(side)) ? "the target of each part" : askedOf(side);
}

/** The same in an objection, which names the promise of the plan and of each part. */
function promised(side) {
  const parts = side.values[PARTS] ?? [];
  const own = parts.filter((part) => part.own.target_latency !== undefined);
  const whole = own.length < parts.length && (side.good.target_latency ?? side.plan.written.target_latency);
  return [...(whole ? [whole] : []), ...own.map((part) => targetIn(side, part))].join(", ") || askedOf(side);
}

/** The target of a plan or of a part of its mix. */
function targetIn(side, part) {
  const own = part?.own.target_latency;
  const target = own === undefined ? askedOf(side) : showQuantity(own, "second");
  return part ? `${target} of mix.${part.name}` : target;
}

/** The figures of the part of a mix whose promise leaves the least time, and its target in words; else those of the plan itself. */
function tightestOf(side, one) {
  const order = neededFor([...DATA.late_by, ...DATA.promise]);
  const seen = (one.values[PARTS] ?? []).map((part) => [part, { ...one.figures, ...promiseOf(clipsOf(part, one.values, order), one.figures) }]);
  const [part, figures] = seen.sort(([, v], [, other]) => v.latency_slack - other.latency_slack)[0] ?? [null, one.figures];
  return [figures, targetIn(side, part)];
}

function askedOf(side) {
  return side.good.target_latency ?? side.plan.written.target_latency ?? showQuantity(side.figures.target_latency, "second");
}

/** Whether the promised latency is missed; a fleet without a load has none to keep. */
function late(v) {
  return stops(v) || !(v.latency_slack >= -1e-9 * v.delivery_seconds);
}

/** Whether the target of work that can wait is missed. */
function waitsLong(one) {
  const v = one.figures;
  return v.deferred_slack < 0 || (v.utilization >= 1 && v.deferrable_share > 0 && isWritten(one, "target_deferred_wait"));
}

/** Whether a stream is made slower than it plays. */
function stops(v) {
  return v.playing_speed < 1 - 1e-9;
}

/** How a promise is broken: a stream that stops, or a latency beyond its target. */
function lateBy(v, target) {
  if (stops(v)) return `a replica makes ${digits(v.generated_fps)} frames per second; playing takes ${digits(v.generated_fps / v.playing_speed)}`;
  const limit = Number((v.latency_room + v.delivery_seconds).toPrecision(12)); // without what sums leave: 1 s is 1 s
  const full = Number.isNaN(v.latency_p95);
  const says = Number.isNaN(v.latency_slack) ? "the queue grows indefinitely" : `${full ? "the last request of the overload is ready after" : "p95 latency is"} ${showApart(limit - v.latency_slack, limit, "second")}`;
  return `${says}, target ${target}${full && v.queue_limit < 1e18 ? "; a lower `queue_limit` waits less, and refuses more" : ""}`;
}

/** Whether a GPU needs more memory than it has to give. */
function overfull(v) {
  return v.memory_needed > v.memory_usable;
}

/** What a GPU lacks: its weights alone where these exceed it, else all that a clip needs. */
function lacking(v) {
  const [what, needed] = v.resident_weights > v.memory_usable ? ["weights alone need", v.resident_weights] : ["needs", v.memory_needed];
  return `${what} ${showQuantity(needed, "byte")} per GPU; ${showQuantity(v.memory_usable, "byte")} usable`;
}

/** Whether an option runs, fits and serves the day's demand, whatever its latency and price. */
function isAble({ refused, figures: v }) {
  return !refused && !overfull(v) && !Number.isNaN(v.gpu_seconds_per_video) && !(v.served_share < 1);
}

/** What an option's seconds rest on, asked for where it is shown or judged. */
function evidenceOf(side, one) {
  return one.kind ? one : Object.assign(one, worstOf(side, one));
}

/** A chance in percent, never 90% below it. */
function chanceText(chance) {
  return showApart(chance, DATA.sure, "share", 2);
}

/** The chance that an option keeps the promised latency, over the model's error. */
function chanceOnTime(side, one) {
  one.chance ??= chanceDrawn(side, one) ?? chanceOf(side, evidenceOf(side, one), DATA.late_by, (v) => !late(v));
  return one.chance;
}

/** The objections to an option that its point values decide, each a code and a message, the worst first: all but a target that is at risk. */
function certainTo(side, one) {
  if (one.refused) return [one.refused];
  const v = one.figures;
  const runs = !Number.isNaN(v.gpu_seconds_per_video);
  const { kind, reason, untimed } = evidenceOf(side, one);
  const few = one.gpu?.few && !isWritten(one, "gpu_price");
  return [
    one.gpu && queues(side, one) && ["overloaded", shortOf(v)],
    (!runs || overfull(v)) && ["memory", `${runs ? "may not fit" : "cannot run"}: ${lacking(v)}`],
    v.served_share < 1 && ["overloaded", `serves ${showQuantity(v.served_share, "share")} of the day's demand`],
    promises(side) && runs && late(v) && ["latency", lateBy(...tightestOf(side, one))],
    waitsLong(one) && ["deferred wait", `deferred work waits ${v.utilization >= 1 ? "without a known end" : `up to ${showApart(v.fluid_deferred_wait, v.target_deferred_wait, "second")}`}, target ${showQuantity(v.target_deferred_wait, "second")}`],
    kind === "extrapolated" && ["no evidence", reason],
    untimed && ["not calibrated", "not among your own runs"],
    (Number.isNaN(one.values.gpu_price) || (v.spot_share > 0 && Number.isNaN(one.values.spot_price))) && ["no list price", "type one"],
    ...(one.gpu ? outlivedPins(side, one) : []),
    otherSeconds(side, one),
    one.gpu && brokenBudgets(side, one),
    few && ["few sellers", DATA.sold_by_few],
    one.gpu?.few_spot && v.spot_share > 0 && !isWritten(one, "spot_price") && !few && ["few sellers", DATA.spot_by_few],
  ].filter(Boolean);
}

/** Whether a limit keeps a fleet too small for its peak, where no target or budget says how late it is. */
function queues(side, one) {
  const v = one.figures;
  const waits = judging(side, one).some(({ figure }) => DATA.waits.includes(figure));
  return isWritten(side, "gpu_limit") && !promises(side) && v.utilization >= 1 && v.served_share >= 1 && !waits;
}

/** The objections to pins that were measured on another plan than an option, or to a bill that it moves. A plan's pin is held against the parts of a mix that take it, those of added products too. */
function outlivedPins(side, one, billed = side.plan.billed) {
  const says = [...side.plan.measured, ...billed].flatMap(([called, at, of, computed]) => {
    if (Math.abs(FORMULAS[called]?.(one.figures) - computed) <= 1e-9 * Math.abs(computed)) return [];
    const figure = called.split(".").pop();
    const pin = (owner, values) => (innerAt(values, called) ?? owner).pins[figure];
    const takes = (part) => DATA.joins[figure] && of[0] !== "m" && pin(part, part.own) === pin(side.plan, one.values); // no part takes another's
    const taking = (one.values[PARTS] ?? []).filter(takes).map(({ name }) => `mix.${name}.`);
    const now = (home, [name]) => (name === "sharding" && one.sharded ? SHARDED : valueOf(one, home + of + name));
    return (taking[0] ? taking : [""]).flatMap((home) => {
      const input = at.find((input) => now(home, input) !== input[2] && !(Math.abs(now(home, input) / input[2] - 1) <= 1e-9));
      return input ? `\`${now(home, input) === now("", input) ? "" : home}${called}\` was ${computed === undefined ? "measured" : "billed"} at ${input[0]} ${input[1]}` : [];
    });
  });
  return [...new Set(says)].map((text) => ["pinned", text]);
}

/** The objection to another GPU or group where over a tenth of its seconds are by hand: in a mix those of parts, by their shares. */
function otherSeconds(side, one) {
  const name = "other_gpu_seconds_per_video";
  const by = ["gpu", "gpus_per_replica"].find((input) => valueOf(side, input) !== valueOf(one, input));
  let rest = Math.min(side.figures.gpu_seconds_per_video, one.figures.gpu_seconds_per_video) / 10;
  for (const part of side.values[PARTS] ?? [side]) if (isWritten(part, name)) rest -= (part.share ?? 1) * { ...side.values, ...part.own }[name];
  return by && rest < 0 && ["pinned", `\`${name}\` was measured at ${by} ${valueOf(side, by)}`];
}

/** The budgets that a side keeps. */
function keptBudgets(side) {
  return side.plan.limits.filter((limit) => kept(limit, figureOf(side.figures, limit.figure)));
}

/** The budgets that judge an option: those of the search among others, for a change alone those that the side keeps. */
function judging(side, one) {
  return one.alone ? keptBudgets(side) : side.budgets;
}

/** Which budgets the best option keeps, in words. */
function budgetsKept(side) {
  if (!side.budgets.length) return "";
  return ` within the budgets on point values${brokenBudgets(side, side.best, side.plan.limits) ? " that the plan keeps" : ""}`;
}

/** The objection to an option that breaks budgets. */
function brokenBudgets(side, one, budgets = judging(side, one)) {
  const broken = budgets.map((limit) => [limit, figureOf(one.figures, limit.figure)]).filter(([limit, value]) => !kept(limit, value));
  return broken.length && ["budget", broken.map(([{ text, figure }, value]) => `${text}: ${showValue(figure, value)}`).join("; ")];
}

/** Whether the promise of an option is kept at the point, and too often broken over the model's error. */
function isAtRisk(side, one, certain) {
  return promises(side) && !certain.some(([code]) => AMISS.includes(code)) && chanceOnTime(side, one) < DATA.sure;
}

/** The objections to an option, the worst first; without one it is a candidate. */
function objectionsTo(side, one) {
  const certain = certainTo(side, one);
  return isAtRisk(side, one, certain) ? [["at risk", riskOf(side, one)], ...certain] : certain;
}

/** That a chance leaves out the plan's own ranges, of which a page draws none. */
const rangesApart = (side, one) => (chanceDrawn(side, one) === undefined && side.plan.ranges.some((name) => name !== "time_factor") ? ", without the plan's ranges" : "");

/** The chance of the plan as exported, over its ranges too; nothing of others. */
const chanceDrawn = (side, one) => ((one === side || one.ours) && !isChanged(side) ? side.plan.chance : null) ?? undefined;

/** How long a target that is at risk is kept, and how many runs keep it. */
function riskOf(side, one) {
  const { error } = evidenceOf(side, one);
  const drawn = chanceDrawn(side, one) !== undefined;
  const share = `${digits(100 * one.chance, 2)}% of ${drawn ? "draws" : error.whose}`, apart = rangesApart(side, one);
  const streams = one.figures.streamed > 0;
  if (streams || drawn || error.whose === "the range of time_factor") return `${streams ? "plays without a stop and " : ""}${promised(side)} is met in ${share}${apart}`;
  const figures = byFactor(side, one.values, DATA.late_by);
  let [kept, most] = [100, 1000]; // percent of the prediction: a first that is not kept is between
  while (kept < most) {
    const middle = (kept + most) >> 1;
    if (late(figures(middle / 100))) most = middle;
    else kept = middle + 1;
  }
  const [, target] = tightestOf(side, one);
  return `${target} is kept unless clips take over ${((most - 1) / 100).toFixed(2)} times the prediction; ${share} took less${apart}`;
}

/** Whether nothing objects to an option that has a bill; the chance of its target takes longest, and is asked where all else holds. */
function holds(side, one) {
  const certain = certainTo(side, one);
  return Number.isFinite(one.month) && !certain.length && !isAtRisk(side, one, certain);
}
