// Below the answer: list prices of public services, what decides, and confidence.

/** Whether a service makes clips of the plan's own model. */
function isOfModel(side, one) {
  return side.merged.choices.distilled === "none" && one.models?.split(" ").includes(side.merged.choices.model);
}

/** What services ask for a delivered second of clips, each with share, seconds and frames: of lengths sold the least that is long enough counts. */
function offersOf(side, clips) {
  const total = (of) => clips.reduce((sum, clip) => sum + clip[0] * of(clip), 0);
  const billed = (one) => total(([, seconds, frames]) => (one.clip_seconds ? Math.min(...one.clip_seconds.split(" ").filter((length) => length >= seconds)) : seconds) * (one.counted_fps && isOfModel(side, one) ? frames / seconds / one.counted_fps : 1));
  return DATA.apis.map((one) => ({ ...one, price: (one.price * billed(one)) / total(([, seconds]) => seconds) / (1 - side.values.rejected_output_share) })).filter((one) => one.price < Infinity).sort((one, other) => one.price - other.price);
}

/** The offers of the plan's own model at all of some frame sizes. */
function alikeOf(side, offers, sizes) {
  return offers.filter((one) => isOfModel(side, one) && sizes.every((size) => Math.max(size / one.frame_height, one.frame_height / size) <= 1.1));
}

/** The shorter side of a clip's frame, as its last stage makes it. */
function frameOf(v, own) {
  const { width, height } = { ...v, ...own, ...own[STAGES].at(-1)?.own };
  return Math.min(width, height);
}

/** What the cheapest offer that is alike asks, and how each own cost compares with it. */
function verdictOn(against, own) {
  const verdict = (low, high) => (against.price < low ? "cheaper than" : against.price > high ? "dearer than" : "too close to call against");
  return [`${against.label} lists ${digits(against.price)}`, element("span", { class: "unit" }, " USD per generated second"), `: ${own.map(([name, , low, high]) => `${verdict(low, high)} ${name} (${[...new Set([low, high].map((end) => digits(end)))].join(" to ")})`).join(", ")}.`];
}

/** The parts of a mix with the offers of each at its size, and its own costs: those of the plan by its share of the fleet and of the seconds. */
function partOffers(side, own) {
  const v = side.figures;
  return (side.values[PARTS] ?? []).map((part) => {
    const { gpus, duration, frames_per_video } = partFigures(side, part);
    const factor = ((gpus / v.gpus) * v.delivered_seconds_per_video) / (duration * part.share);
    const clip = [part.share, duration, frames_per_video];
    const size = frameOf(v, part.own);
    return { name: part.name, clip, size, alike: alikeOf(side, offersOf(side, [clip]), [size]), own: own.map(([name, ...costs]) => [name, ...costs.map((cost) => cost * factor)]) };
  });
}

/** Shapes of a row's bar, in percent of its width. */
function strip(...shapes) {
  return element("svg", { viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" }, ...shapes);
}

/** Own cost of a generated second among list prices, on one scale: the nearest of each side, those of the same model and size first; a verdict is of these alone, and of each part where no size is that of all. */
function buildOrBuy(side) {
  const v = side.figures;
  const costs = { [`own, ${renting(v)}`]: "gpu_cost_per_second", [v.committed_price < v.gpu_price ? "own, cheapest mix" : "own, autoscaled"]: "autoscaled_cost_per_second" };
  const own = Object.entries(costs).filter(([, name]) => Number.isFinite(v[name])).map(([says, name]) => [says, v[name], ...[0, 2].map((end) => bandOf(side, name)?.[end] ?? v[name])]);
  if (!own.length || !DATA.apis.length) return null;
  const made = partOffers(side, own);
  const all = made.length ? made : [{ clip: [1, v.delivered_seconds_per_video, v.frames_per_video], size: frameOf(v, side.values) }];
  const offered = offersOf(side, all.map(({ clip }) => clip));
  const [against, ...others] = alikeOf(side, offered, all.map(({ size }) => size));
  const parts = against ? [] : made;
  const sold = parts.filter(({ alike }) => alike.length);
  const same = against ? [against, ...others] : [...groupBy(sold.flatMap(({ alike }) => alike), ({ label }) => label).values()].map(([first]) => first);
  const near = offered.filter(({ label }) => !same.some((one) => one.label === label)).toSorted((one, other) => Math.abs(Math.log(one.price / own[0][1])) - Math.abs(Math.log(other.price / own[0][1])));
  const listed = [...same, ...near].slice(0, 6).sort((one, other) => one.price - other.price);
  const none = `No listed API serves ${side.merged.choices.model} at ${parts.length ? "the size of" : "this size"}`;
  const unsold = parts.filter(({ alike }) => !alike.length).map(({ name }) => name).join(", ");
  const verdicts = sold.length
    ? [...sold.map(({ name, alike, own: costs }) => [`${name}: `, ...verdictOn(alike[0], costs)]), unsold && [`${none} ${unsold}.`]].filter(Boolean)
    : [against ? verdictOn(against, own) : [`${none}${unsold && ` ${unsold}`}; the prices below are of other models or sizes.`]];
  const ends = [...own.flatMap(([, , low, high]) => [low, high]), ...listed.map(({ price }) => price)];
  const x = scale(Math.min(...ends) / 1.4, Math.max(...ends) * 1.4, 0, 100);
  const bar = (value, low, high) => strip(element("rect", { x: x(low), width: x(high) - x(low), y: 2, height: 8, class: "spread" }), element("line", { x1: x(value), x2: x(value), y1: 0, y2: 12, class: "here" }));
  const dot = (one) => strip(element("rect", { x: x(one.price) - 0.6, width: 1.2, y: 2, height: 8, class: same.includes(one) ? "known" : "other" }));
  const line = (label, picture, value, kind) => element("tr", { class: kind }, element("th", { scope: "row" }, label), element("td", { class: "drawn" }, picture), element("td", { class: "number" }, value));
  return element("div", { class: sold.length ? "panel of-parts" : "panel" },
    element("h2", {}, "Build or buy"),
    ...verdicts.map((words) => element("p", { class: "hint", "data-verdict": side.index }, ...words)),
    undrawn(side).length > 0 && element("p", { class: "hint" }, `Own cost is without the ranges of ${undrawn(side).join(", ")}.`),
    element("table", { class: "bars" }, element("caption", { class: "unseen" }, "USD per generated second, log scale"), element("tbody", {}, ...own.map(([name, value, low, high]) => line(name, bar(value, low, high), digits(value), "ours")), ...listed.map((one) => line(`${one.label}${same.includes(one) ? ", same model" : ""}`, dot(one), digits(one.price), "")))));
}

/** What decides: the cost of a month with another usual value of what was left at a default, computed here. */
function whatDecides(side) {
  const { asked } = tablesOf(side).options.gpu.find(({ value }) => value === side.merged.choices.gpu);
  const prices = [...new Set(asked)].map((price) => ["gpu_price", String(price)]); // of the GPU in force, which may be another than exported
  const rows = groupBy(side.plan.drivers, ([name]) => name);
  const moved = [...rows].map(([name, own]) => {
    const isPrice = name === "gpu_price";
    const set = Object.hasOwn(isPrice ? side.merged.written : flagsOf(side), name);
    const there = set ? [] : (isPrice ? prices : own).map(([, other]) => [other, changed(side, { [name]: other })?.figures.cost_per_month / side.figures.cost_per_month - 1]).filter(([, value]) => Number.isFinite(value));
    return [name, there];
  }).filter(([, there]) => there.length);
  if (!moved.length) return null;
  const most = Math.max(...moved.flatMap(([, there]) => there.map(([, value]) => Math.abs(value))), 0.01);
  return element("div", { class: "panel" },
    element("h2", {}, "What decides"),
    element("p", { class: "hint" }, "Change in cost per month if a default is another usual value."),
    element("table", { class: "bars" }, element("tbody", {}, ...moved.slice(0, 6).map(([name, there]) => {
      const [least, greatest] = [Math.min(0, ...there.map(([, value]) => value)), Math.max(0, ...there.map(([, value]) => value))];
      const x = (value) => 50 + (49 * value) / most;
      const known = ABOUT[name]?.label ?? capital(words(name));
      return element("tr", { "data-driver": name }, element("th", { scope: "row" }, known, element("span", { class: "soft" }, ` ${there.map(([other]) => other).join(", ")}`)),
        element("td", { class: "drawn" }, strip(element("line", { x1: 50, x2: 50, y1: 0, y2: 12, class: "axis" }), element("rect", { x: x(least), width: Math.max(0.5, x(greatest) - x(least)), y: 2, height: 8, class: ABOUT[name] && name !== "gpu_price" ? "other" : "bar" }))),
        element("td", { class: "number" }, [...new Set([Math.min, Math.max].map((end) => proportion(1 + end(...there.map(([, value]) => value)), 1)))].join(" to ")));
    }))));
}

/** What the seconds of a changed plan rest on: the words of estimate_lines.py, without the count of runs. */
function proofOf(side) {
  const { low, high, whose, predicted } = side.error;
  const ends = `${low.toFixed(2)} to ${high.toFixed(2)} times the prediction`;
  const share = `${digits(100 * DATA.evidence.share)}%`;
  const pinned = side.values.streamed > 0 ? "measured: the frames per second are pinned" : "the seconds are pinned";
  if (high - low < 0.005) return whose === OF_THE_FACTOR ? "you set `time_factor` by hand" : pinned;
  const far = side.kind === "extrapolated";
  if (predicted < 0.995) return `${Math.round(100 - 100 * predicted)}% of the seconds are pinned, ${far ? "nothing like the rest was timed" : "the rest predicted"}; plan for ${ends}`;
  return {
    [OF_THE_FACTOR]: `your range of time_factor: ${ends}`,
    "clips like your own runs": `runs of your own; ${share} within ${ends}`,
    "published runs": `runs like it published; ${share} took ${ends}`,
  }[whose] ?? `${far ? "nothing like it was timed; plan for" : "not published; similar jobs took"} ${ends}`;
}

/** How sure the seconds are, and what they rest on. */
function confidence(side) {
  const proof = isChanged(side) ? proofOf(side) : side.plan.rests_on;
  return element("div", { class: "panel" }, element("h2", {}, "Confidence"), element("p", { class: "hint", "data-evidence": side.kind }, ...coded(`${capital(proof)}.`), side.kind === "extrapolated" && ` Objection: ${side.reason}.`));
}

/** What needs days to be simulated, which no page does: as exported, and it says so once an input changed. */
function simulatedDays(side) {
  const { simulated } = side.plan;
  return simulated.length > 0 && element("div", { class: "panel" }, element("h2", {}, "Simulated days"),
    element("p", { class: "hint", "data-simulated": side.index }, isChanged(side) ? "Of the plan as exported: a page simulates nothing, and its inputs are changed." : "Of this plan, as exported; a page simulates nothing."),
    element("table", {}, element("tbody", {}, ...simulated.map(([label, value]) => element("tr", {}, element("th", { scope: "row" }, label), element("td", { class: "number" }, value))))));
}

/** Words of the page, as the glossary has them. */
function wordsHere() {
  return element("details", { class: "panel wide", id: "words" }, element("summary", {}, "Words on this page"), ...DATA.words.map((text) => element("p", { class: "hint" }, text)));
}

function showContext() {
  fill(document.getElementById("context"), ...SIDES.flatMap((side) => [SIDES.length > 1 && element("h3", { class: "wide" }, ...named(side)), ...[buildOrBuy, whatDecides, confidence].map((draw) => (Number.isFinite(side.figures.gpus) ? draw(side) : null)), simulatedDays(side), element("div", { "data-alternatives": side.index })]), wordsHere());
}
