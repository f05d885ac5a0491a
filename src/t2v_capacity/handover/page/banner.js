// Warnings above the answer, which follow the inputs: a clip that does not fit, an overloaded fleet, a missed target, no price.

// Each with whether it holds and what there is to say of it: the tests and the words of warnings.py, which a test holds this to.
const AGAINST = {
  "memory-does-not-fit": {
    holds: overfull,
    says: (v) => `${short(v)}: ${lacking(v)}`,
  },
  overloaded: {
    holds: (v) => !Number.isNaN(v.gpu_seconds_per_video) && (piling(v) || v.peak_busy_gpus > v.gpus),
    says: (v, side) => piling(v)
      ? `${shortOf(v)}; ${Object.hasOwn(side.plan.pins, "replicas") ? "raise the pinned number of them" : `it carries the peak of ${showQuantity(0.995 * v.dau / v.utilization, "user")}`}`
      : `at the peak ${showQuantity(v.peak_busy_gpus, "gpu")} would be at work and ${showQuantity(v.gpus, "gpu")} are rented`,
  },
  "misses-target-latency": {
    holds: (v, one) => (v.streamed > 0 || isWritten(one, "target_latency")) && late(v) && !Number.isNaN(v.utilization),
    says: (v, side, part) => `${lateBy(v, part?.own.target_latency === undefined ? askedOf(side) : showQuantity(part.own.target_latency, "second"))}${Number.isNaN(v.latency_p95) ? "; more GPUs or fewer requests carry the peak" : ""}`,
  },
  "price-unknown": {
    holds: (v) => !(v.gpu_price > 0) || (v.spot_share > 0 && !(v.spot_price > 0)),
    says: (v, side) => `no ${v.gpu_price > 0 ? "spot " : ""}price of ${side.merged.choices.gpu} is known`,
  },
};

/** How far a clip is from fitting. */
function short(v) {
  if (Number.isNaN(v.gpu_seconds_per_video)) return "cannot run";
  return Number.isNaN(v.can_run) ? "is predicted not to run, but its seconds are pinned" : "may not fit";
}

/** How far a fleet that can't carry its peak falls short. */
function shortOf(v) {
  const replicas = showQuantity(v.replicas, "replica");
  const endless = Number.isNaN(v.fluid_wait);
  return endless || (v.supply_ratio < 1 && v.deferrable_share > 0)
    ? `serves ${showQuantity(v.delivered_per_day, "video/day")} of ${showQuantity(v.delivered_per_day / v.served_share, "video/day")}; the queue${endless ? "" : " of work that can wait"} grows indefinitely`
    : !Number.isNaN(v.latency_p95) ? "the queue of work that can wait grows until a quieter day" : `for ${showQuantity(v.overload_time, "second")} a day more ${v.deferrable_share > 0 ? "urgent work " : ""}arrives than the fleet (${replicas}) can make; the last request of the overload waits ${showQuantity(v.overload_wait, "second")}`;
}

const OUTLIVED = "pin-outlived";
const OF_A_CLIP = ["memory-does-not-fit", "misses-target-latency"]; // asked of each part of a mix

/** Whether waiting has no end, since the replicas can't carry the load. */
function piling(v) {
  return DATA.waiting.some((name) => Number.isNaN(v[name])) || v.utilization >= 1;
}

/** The warnings of a side as it is now, each with whether it follows the inputs, its code and its message: those that follow its inputs, then the others, as of the export. */
function warned(side) {
  const exported = side.plan.warnings.filter((warning) => warning.severity === "warning");
  const parts = (side.values[PARTS] ?? []).map((part) => [`mix.${part.name}: `, { ...side.figures, ...partFigures(side, part) }, part]);
  const cases = Object.entries(AGAINST).flatMap(([code, test]) => (parts.length && OF_A_CLIP.includes(code) ? parts : [["", side.figures]]).map((one) => [code, test, ...one]));
  const own = cases.filter(([, { holds }, , v, part]) => holds(v, part ?? side)).map(([code, { says }, whose, v, part]) => {
    return [true, code, whose + says(v, side, part)];
  });
  // A pin without `at` was measured on the plan as exported.
  const outlived = outlivedPins(side, side).map(([, says]) => [true, OUTLIVED, `${says}, and still counts`]);
  const others = exported.filter(({ code }) => !Object.hasOwn(AGAINST, code) && !(code === OUTLIVED && isChanged(side)) && !(code.endsWith("-uncertain") && late(side.figures)));
  return [...own, ...(isChanged(side) ? outlived : []), ...others.map((warning) => [false, warning.code, isChanged(side) ? `${warning.message} (of the plan as exported)` : warning.message])];
}

/** Show the warnings above the answer; a screen reader hears them when they change. */
function showBanner() {
  const place = document.getElementById("banner");
  const lines = SIDES.flatMap((side) => warned(side).map((warning) => [side, ...warning]));
  const says = lines.map(([side, , code, message]) => lettered(side, `${code} ${message}`)).join("\n");
  if (place.dataset.says === says) return;
  place.dataset.says = says;
  place.hidden = lines.length === 0;
  fill(place, ...lines.map(([side, live, code, message]) =>
    element("p", { "data-warning": code, "data-side": side.index, class: live ? "live" : "exported" }, letter(side), element("strong", {}, `${words(code.replaceAll("-", " "))}: `), ...coded(message))));
}

/** Text in which what stands in backticks is code. */
function coded(text) {
  return text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
}

/** Say that the answer is not that of what stands in the inputs, while one of them can't be read or is refused. */
function markStale() {
  const wrong = SIDES.flatMap((side) => [...Object.keys(side.errors), ...(side.refused && !Object.keys(side.errors).length ? [side.touched] : [])].map((name) => [side, name]));
  const stale = wrong.length > 0;
  for (const id of ["results", "options"]) document.getElementById(id).setAttribute("data-stale", String(stale));
  for (const button of document.querySelectorAll("main button, #copy-link, #download")) button.disabled = stale;
  const place = document.getElementById("stale");
  place.hidden = !stale;
  if (!stale) return;
  const [side, name] = wrong[0];
  const label = ABOUT[name]?.label ?? capital(words(name ?? "an input"));
  const old = ABOUT[name] ? inputText(name, valueOf(side, name)) : valueOf(side, name);
  const says = side.errors[name] ? "can't be read" : "is refused";
  fill(place, element("strong", {}, "Not updated. "), `${lettered(side, label)} ${says}. These figures are for ${old}.`, element("button", { type: "button", onclick: () => {
    const [input] = ["input", "choice"].map((kind) => document.getElementById(`${kind}-${side.index}-${name}`)).filter(Boolean);
    for (let within = input; within; within = within.parentElement.closest("details")) within.open = true;
    input?.focus();
  } }, "Go to the input"));
}
