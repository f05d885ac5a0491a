// The answer first: what the plan takes in a sentence, what is asked of it, and the cards with their bands.

/** A count as people read it: 13,976; beyond a million in short. */
function grouped(value, unit) {
  const whole = Number.isInteger(value) && Math.abs(value) < 1e6;
  return whole ? `${String(value).replace(/\B(?=(\d{3})+$)/g, ",")} ${labelFor(unit, String(value))}` : showQuantity(value, unit);
}

/** USD without its unit. */
function dollars(value) {
  return showQuantity(value, "USD").replace(/ USD$/, "");
}

/** Whose latency is promised, after a number of them: of work that may wait none is. */
function whose({ values: v }) {
  return v.deferrable_share > 0 ? " that cannot wait" : v[PARTS]?.length ? " of each part" : "";
}

/** What the plan takes, in sentences; of one that cannot run, that it has no fleet. */
function sentences(side) {
  const v = side.figures;
  if (Number.isNaN(v.gpu_seconds_per_video)) return [`No fleet: the clip cannot run on ${side.merged.choices.gpu} as it stands.`];
  if (stops(v)) return [`No fleet: ${lateBy(v)}.`];
  const clips = (value) => showQuantity(value, "video/day").replace("videos/day", "clips per day");
  const of = v.served_share < 1 ? ` of ${clips(v.delivered_per_day / v.served_share)}` : "";
  const at = Number.isNaN(v.latency_p95) ? ", overloaded at the peak" : v.streamed > 0 ? `. The first frame comes within ${headline(v, "latency_p95")} for 19 of 20` : `; 95%${v.deferrable_share > 0 ? " of those" : ""}${whose(side)} are ready within ${headline(v, "latency_p95")}`;
  const { month } = billOf(v, "autoscaled");
  const bill = Number.isNaN(v.cost_per_month) ? `No ${v.gpu_price > 0 ? "spot" : "list"} price of ${side.merged.choices.gpu}; set one.` : `Monthly cost: ${dollars(v.cost_per_month)} USD ${renting(v)}${month < v.cost_per_month * 0.995 ? `, ${dollars(month)} if GPUs follow demand` : ""}.`;
  const high = bandOf(side, "gpus")?.[2];
  const does = v.streamed > 0
    ? `carry ${digits(v.peak_sessions)} streams at the peak, ${digits(v.sessions_per_replica)} on each replica. A replica makes ${digits(v.generated_fps)} frames per second, and a stream plays ${digits(v.generated_fps / v.playing_speed)}${at}`
    : `deliver ${clips(v.delivered_per_day)}${of}${at}`;
  return [`${grouped(v.gpus, "gpu")} ${does}.`, bill, high > v.gpus ? enough(side, grouped(high, "gpu"), high >= v.servers_available * v.gpus_had_per_server) : v.streamed > 0 && high === null ? `${longer(side)}, none plays without a stop.` : ""];
}

/** The GPUs that are enough, with what that is over; or that the limit of GPUs is reached before. */
function enough(side, most, limited) {
  if (side.plan.samples && !isChanged(side)) return limited ? `Over 1 of 20 draws reach the limit of ${most}, and may need more.` : `19 of 20 draws need at most ${most}.`;
  if (limited) return `${longer(side)}, the limit of ${most} is reached.`;
  return side.kind === "measured" ? `If demand is as assumed, ${most} carry it 19 times in 20.` : `${longer(side)}: ${most}.`;
}

/** That all takes as long as at the high end of the error. */
function longer(side) {
  return `If ${side.figures.streamed > 0 ? "streams" : "clips"} take ${side.error.high.toFixed(2)} times as long as predicted`;
}

/** The band of a figure: as it was exported, or, where the reader changed the plan, over the model's error alone. */
function bandOf(side, name) {
  const exported = side.plan.bands[name];
  if (!isChanged(side)) return exported && exported[0] !== exported[2] ? exported : null;
  if (side.error.low === side.error.high) return null;
  side.ends ??= [-DATA.evidence.end, DATA.evidence.end].map((z) => byFactor(side, side.values, Object.keys(side.plan.bands))(factorAt(side.error, z)));
  const values = [side.ends[0][name], side.figures[name], side.ends[1][name]].map((value) => (Number.isFinite(value) ? value : null));
  const known = values.filter((value) => value !== null);
  if (!known.length || known.every((value) => value === values[1])) return null;
  const open = known.length < values.length; // what has no value is beyond the worst
  const best = DATA.best_high.includes(name);
  return [open && best ? null : Math.min(...known), values[1], open && !best ? null : Math.max(...known)];
}

/** What the bars are of. */
function bandsAre(side) {
  if (!isChanged(side) && side.plan.samples) return `Bars: 5% to 95% of ${side.plan.samples.toLocaleString("en")} draws of ${side.plan.ranges.join(", ")}.`;
  return side.error.low === side.error.high ? "" : `Bars: if clips take ${digits(side.error.low, 2)} to ${digits(side.error.high)} times as long${undrawn(side).length ? "; the plan is changed, and ranges of its inputs are not drawn again" : ""}.`;
}

/** The inputs of a changed plan that still have a range, apart from the model's error: a page draws none. */
function undrawn(side) {
  return isChanged(side) ? side.plan.ranges.filter((name) => name !== "time_factor" && !Object.hasOwn(side.good, name) && Object.is(side.values[name], side.plan.values[name])) : [];
}

/** A band as a bar on its own log scale: p5 to p95, the plan, and a limit in red. */
function bandBar(side, name) {
  const band = bandOf(side, name);
  if (!band || !(band[0] > 0) || !(band[2] > 0)) return null;
  const limit = conditions(side).find((one) => one.figure === name)?.limit;
  const known = [band[0], band[2], ...(limit > 0 ? [limit] : [])].map(Math.log);
  const [least, most] = [Math.min(...known) - 0.25, Math.max(...known) + 0.25];
  const x = (value) => (100 * (Math.log(value) - least)) / (most - least);
  return element("svg", { class: undrawn(side).length ? "band partial" : "band", viewBox: "0 0 100 14", preserveAspectRatio: "none", "aria-hidden": "true" },
    element("line", { x1: 0, x2: 100, y1: 7, y2: 7, class: "axis" }),
    element("rect", { x: x(band[0]), width: x(band[2]) - x(band[0]), y: 4, height: 6, class: "spread" }),
    element("line", { x1: x(band[1]), x2: x(band[1]), y1: 1, y2: 13, class: "here" }),
    limit > 0 && element("line", { x1: x(limit), x2: x(limit), y1: 1, y2: 13, class: "limit" }));
}

/** What is asked of a plan: the promised latency, then its budgets. */
function conditions(side) {
  const target = { figure: "latency_p95", comparison: "<=", limit: targetOf(side), text: `p95 latency <= ${asked(side)}`, target: true, chance: side.plan.chance };
  return [...(promises(side) ? [target] : []), ...side.plan.limits];
}

/** How a condition goes: PASS, AT RISK where it is met at the point and too rarely over what is uncertain, FAIL; NOT JUDGED where it is met at the point, and a range that reached it is not drawn again. */
function judged(side, limit) {
  const value = figureOf(side.figures, limit.figure);
  const holds = (v) => (limit.target ? !late(v) : kept(limit, figureOf(v, limit.figure)));
  const met = holds(side.figures);
  const reached = Number.isFinite(limit.chance);
  const drawn = !isChanged(side) && reached;
  const left = reached ? undrawn(side) : [];
  const chance = drawn ? limit.chance : chanceOf(side, side, [...DATA.late_by, ...limitedBy([limit])], holds);
  const far = limit.target && stops(side.figures) ? lateBy(side.figures) : distance(limit.figure, value, limit.limit);
  const miss = !met && far ? ` (${far})` : "";
  return { status: !met ? "fail" : chance < DATA.sure ? "risk" : left.length ? "open" : "pass", value, miss, left, chance, of: drawn && (side.plan.samples || limit.target) ? "draws" : side.error.whose };
}

const STATUS = { pass: ["PASS", "M1 6 5 10 11 2"], risk: ["AT RISK", "M6 1 11 11 1 11Z"], open: ["NOT JUDGED", "M2 6h8"], fail: ["FAIL", "M2 2 10 10M10 2 2 10"] };

function budgetRow(side, limit) {
  const { status, value, miss, left, chance, of } = judged(side, limit);
  const [word, path] = STATUS[status];
  const exact = of !== "draws" && side.error.low === side.error.high;
  const sure = chance < 1 && !exact ? `met ${["risk", "open"].includes(status) ? "at the point, " : ""}in ${chanceText(chance)} of ${of}` : status === "open" ? "met at the point" : "";
  const said = [sure, left.length && `the range of ${left.join(", ")} is not drawn again`].filter(Boolean).join("; ");
  return element("tr", { "data-budget": limit.text, "data-status": status },
    element("td", { class: `status ${status}` }, element("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, element("path", { d: path })), ` ${word}`),
    element("th", { scope: "row" }, letter(side), words(limit.text).replaceAll("<=", "≤").replaceAll(">=", "≥")),
    element("td", { class: "number" }, element("strong", {}, headline({ ...side.figures, [limit.figure]: value }, limit.figure)), element("span", { class: "fail" }, miss)),
    element("td", { class: "soft" }, `${said} `, ["pass", "open"].includes(status) ? "" : element("span", { "data-remedy": limit.text, "data-side": side.index })));
}

/** Budgets on draws, which a page doesn't draw: as they were judged at the export. */
function drawnBudget(side, [text, passed, shown]) {
  return element("tr", { "data-budget": text }, element("td", { class: `status ${passed ? "pass" : "fail"}` }, passed ? "PASS" : "FAIL"),
    element("th", { scope: "row" }, letter(side), text), element("td", { class: "number" }, shown), element("td", { class: "soft" }, "as exported"));
}

/** The notes of a card, each a line: what the figure is made of, and the bills where they differ. */
function notesOf(side, name) {
  const v = side.figures;
  const note = (label, figureName) => element("span", { class: "pair" }, label, " ", figure(side, figureName, "b", { "data-headline": true }));
  const notes = {
    gpus: () => [`${grouped(v.servers, "server")} of ${digits(v.gpus_had_per_server)}`],
    latency_p95: () => [Number.isNaN(v.latency_p95) ? "" : `19 of 20 ${v.streamed > 0 ? "first frames come" : `requests${whose(side)} are done`} by then`],
    cost_per_month: () => [note(renting(v), "gpu_cost_per_month"), note("if GPUs follow demand", "gpu_cost_following"), isReserved(v) ? note("reserved", "gpu_cost_reserved") : element("span", { class: "pair" }, "reserved ", element("span", {}, "no price"))],
    cost_per_video: () => [v.streamed > 0 ? `${digits(60 * v.cost_per_video / v.delivered_seconds_per_video)} USD per minute watched` : `${digits(v.cost_per_video / v.delivered_seconds_per_video)} USD per generated second`, note("per user, monthly", "cost_per_user")],
    fleet_power: () => [`${showQuantity(v.nameplate_power, "watt")} at full draw`],
  };
  return Number.isNaN(v.clip_runs) && name !== "cost_per_month" ? [] : (notes[name]?.() ?? []).filter(Boolean);
}

const CARDS = ["gpus", "latency_p95", "cost_per_month", "cost_per_video", "fleet_power"];

/** How far the second plan's figure is from the first's. */
function against(name) {
  const [first, second] = SIDES.map(({ figures }) => figures[name]);
  return distance(name, second, first) || (Math.abs(second - first) <= 1e-4 * Math.abs(first) ? "the same" : "none");
}

function answerCard(name) {
  return element("li", { class: "card" },
    element("button", { type: "button", class: "card-button", "aria-haspopup": "dialog", "data-explain": name, onclick: () => explain(name, 0) }, element("span", { class: "card-label" }, CARD_LABELS[name] ?? ABOUT[name].label),
    ...SIDES.map((side) => element("span", { class: "card-side" },
      element("span", {}, letter(side), figure(side, name, "strong", { "data-headline": true })),
      bandBar(side, name),
      ...beneath(side, name).map((text) => element("span", { class: "card-note" }, text)),
      ...notesOf(side, name).map((note) => element("span", { class: "card-note" }, note)))),
    SIDES.length > 1 && element("span", { class: "card-difference" }, `B against A: ${against(name)}`)));
}

const CARD_LABELS = { gpus: "GPUs", latency_p95: "p95 latency", cost_per_month: "Cost per month", cost_per_video: "Cost per clip", fleet_power: "Power" };

function moveItem(name) {
  return element("li", {}, element("button", { type: "button", class: "card-label", "aria-haspopup": "dialog", "data-explain": name, onclick: () => explain(name, 0) }, ABOUT[name].label),
    ...SIDES.map((side) => element("span", {}, letter(side), figure(side, name, "strong", { "data-headline": true }), ...beneath(side, name).map((text) => element("span", { class: "card-note" }, text)))));
}

/** What is asked, what is answered: on top of the page. */
function showAnswer() {
  const sold = SIDES.some((side) => side.figures.revenue_per_video > 0);
  const asked = SIDES.flatMap((side) => [...conditions(side).map((limit) => budgetRow(side, limit)), ...side.plan.drawn_budgets.map((row) => drawnBudget(side, row))]);
  fill(document.getElementById("results"),
    ...SIDES.flatMap((side) => {
      const [first, ...rest] = sentences(side);
      return [
        element(side.index ? "p" : "h2", { id: side.index ? null : "results-title", class: "lead" }, letter(side), first),
        element("p", { class: "second" }, ...rest.filter(Boolean).map((text, at) => element("span", { class: at ? "soft" : "" }, `${text} `))),
        element("div", { class: "cheapest", "data-cheapest": side.index, hidden: true }),
      ];
    }),
    asked.length > 0 && scrolling("Target and budgets", element("table", { class: "budgets" }, element("tbody", {}, ...asked))),
    element("ul", { class: "cards" }, ...[...CARDS, ...(sold ? DATA.sold : [])].map(answerCard)),
    element("p", { class: "hint" }, ...SIDES.map((side) => lettered(side, bandsAre(side))).join(" ")),
    ...SIDES.map(partsTable),
    ...SIDES.map(stagesTable),
    ...SIDES.map(whyTable),
    element("ul", { class: "moves" }, ...DATA.moves.filter((name) => name !== "storage_per_day" || SIDES.some(({ values }) => !values.streamed)).map(moveItem)),
  );
}

/** The cheapest option that meets what is promised, with its button; or the nearest, where none does. */
function showCheapest(side) {
  const place = document.querySelector(`[data-cheapest="${side.index}"]`);
  const { best } = side;
  const able = side.options.length ? side.options : excludedOf(side).map(({ one }) => one).filter(isAble);
  const misses = promises(side) && able.every((one) => objectionsTo(side, one).some(([code]) => code === "latency" || code === "at risk"));
  const lacks = (one) => (misses ? [one.latency] : [objectionsTo(side, one).length, one.gpu.value === side.merged.choices.gpu ? 0 : 1, one.clip]);
  const near = !best && able.filter((one) => Number.isFinite(one.clip)).sort((one, other) => ascending(lacks(one), lacks(other)))[0];
  place.hidden = !best && !near;
  if (place.hidden) return;
  if (near) {
    const none = misses ? `No option meets ${asked(side)} with a chance of ${digits(100 * DATA.sure)}%. ` : "No GPU is recommended. ";
    const off = proportion(near.latency, targetOf(side));
    const why = !misses || Number.isNaN(near.latency) ? `: ${objectionsTo(side, near).map((parts) => parts.join(": ")).join("; ")}` : `, ${showQuantity(near.latency, "second")}${off && ` (${off})`}`;
    fill(place, element("p", {}, letter(side), element("strong", {}, none), `Nearest: ${near.gpu.value} × ${near.size}${why}.`));
    return;
  }
  const close = side.candidates.find((one) => one.gpu !== best.gpu && one.figures.gpu_cost_per_month < DATA.evidence.between_gpus * best.figures.gpu_cost_per_month && holds(side, one));
  const kernel = side.merged.choices.attention_kernel;
  const isKept = side.merged.origins.attention_kernel === "hand" && side.candidates.some(({ refused, merged: { choices } }) => !refused && choices.attention_kernel === kernel && impliedIn(tablesOf(side).implied.kernel, choices) !== kernel);
  const broken = brokenBudgets(side, best, side.plan.limits);
  const meets = `${promises(side) ? ` that meets ${asked(side)}${rangesApart(side, best)}` : ""}${budgetsKept(side)}`;
  const [always, following] = ["always", "autoscaled"].map((billing) => billOf(best.figures, billing).month);
  fill(place,
    element("p", {}, letter(side), element("strong", {}, `${best.ours ? "This plan" : `${best.gpu.value} × ${best.size}${best.sharded ? ", weights divided," : ""}`} is the cheapest${meets} with runtime ${best.runtime} and kernel ${best.merged.choices.attention_kernel}:`), element("br"),
      `${grouped(best.figures.gpus, "gpu")} at ${showQuantity(best.latency, "second")}; ${dollars(always)} USD per month ${renting(best.figures)}${paidAs(side, best) && `, ${paidAs(side, best)}`}, ${dollars(following)} if GPUs follow demand${engineless(side, best.runtime)}.${broken ? ` It breaks ${broken[1]}. No GPU that is recommended keeps every budget.` : ""}${side.options.some(({ sharded }) => sharded) ? " Other offloads were not tried, and may cost less." : ""}${isKept ? ` attention_kernel: ${kernel} is kept on every GPU that runs it.` : ""}${close ? ` Close: the bill of ${close.gpu.value} is within the model's error between two GPUs.` : ""}`),
    !best.ours && element("button", { type: "button", class: "primary", "data-use": best.id, onclick: () => choose(side, best) }, `Use ${best.gpu.value} × ${best.size}`));
  for (const cell of document.querySelectorAll(`[data-remedy][data-side="${side.index}"]`)) {
    const limit = conditions(side).find((one) => one.text === cell.dataset.remedy);
    const value = { ...best.figures, cost_per_month: always }[limit?.figure];
    if (!best.ours && value !== undefined && kept(limit, value)) fill(cell, element("button", { type: "button", class: "link", onclick: () => choose(side, best) }, `Use ${best.gpu.value} × ${best.size}`), `: ${headline({ ...best.figures, [limit.figure]: value }, limit.figure)}`);
  }
}
