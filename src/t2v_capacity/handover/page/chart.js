// Cost per clip against latency: every GPU with every group size in one picture, drawn at the width that there is.

const CHART = { left: 48, right: 20, top: 26, bottom: 42, dearest: 3, slowest: 4 };
const WIDE = 7; // of a letter of 12 px, in the widest of the system's fonts
const PAPER = { width: 716, height: 180, half: 115 };
const EVIDENCE = { measured: "measured", "same-generation": "timed otherwise", extrapolated: "no measured run", pinned: "pinned, of another plan" };

/** A scale of powers: where a value lies between two ends, in pixels. */
function scale(low, high, from, to) {
  return (value) => from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
}

/** Round values between two ends, for ticks. */
function ticks(low, high, most) {
  for (const steps of [[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8], [1, 1.5, 2, 3, 4, 6, 8], [1, 2, 3, 6], [1, 2, 5], [1, 3], [1]]) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) found.push(...steps.map((step) => step * 10 ** power));
    const inside = found.filter((value) => low <= value && value <= high);
    if (inside.length <= most) return inside;
  }
  return [low, high];
}

/** Whether the filters leave an option. */
function isLeft(side, one) {
  return (!VIEW.vendor || one.gpu.vendor === VIEW.vendor) && (!VIEW.measured || one.kind === "measured") && (!VIEW.kept || (one.kept && keepsBudgets(side, one)));
}

/** The options that the reader looks at: what the filters leave, and the plan itself. */
function visible(side) {
  return side.options.filter((one) => one.ours || isLeft(side, one));
}

/** Limits of money per clip: a budget of a month is shared among its clips. */
function costLimits(side) {
  const per = { cost_per_month: side.figures.delivered_per_day * side.figures.days_per_month, cost_per_video: 1 };
  const limits = side.plan.limits.filter(({ figure: name, comparison }) => per[name] && comparison.startsWith("<"));
  return limits.map(({ figure: name, limit, text }) => ({ value: limit / per[name], text: `budget ${name === "cost_per_month" ? `${dollars(limit)} USD per month (${digits(limit / per[name])})` : digits(limit)}`, of: text }));
}

/** Limits of the latency: the target, and budgets. */
function latencyLimits(side) {
  const budgets = side.plan.limits.filter(({ figure: name, comparison }) => name === "latency_p95" && comparison.startsWith("<"));
  const target = { value: isWritten(side, "target_latency") ? targetOf(side) : NaN, text: "target", of: "latency" };
  return [target, ...budgets.map(({ limit, text }) => ({ value: limit, text: "budget", of: text }))].filter(({ value }) => Number.isFinite(value));
}

/** The tightest of some limits. */
const tightest = (limits) => Math.min(...limits.map(({ value }) => value));

function drawChart(side) {
  const place = document.querySelector(`[data-chart="${side.index}"]`);
  const shown = visible(side);
  const priced = shown.filter(({ clip }) => Number.isFinite(clip));
  const unpriced = shown.filter(({ clip }) => !Number.isFinite(clip));
  if (!shown.length) return fill(place, element("p", {}, side.options.length ? "The filters leave no option." : "No option runs, fits and serves the day's demand."));
  const paper = matchMedia("print").matches;
  const [width, narrow] = [paper ? PAPER.width : Math.max(280, place.clientWidth), !paper && place.clientWidth < 600];
  const here = side.figures.latency_p95;
  const targets = latencyLimits(side);
  const target = tightest(targets);
  const latencies = shown.map(({ latency }) => latency);
  const reach = CHART.slowest * Math.max(...[here, target, Math.min(...latencies) * 3].filter(Number.isFinite));
  const [least, most] = [Math.min(...latencies) / 1.12, Math.min(Math.max(...latencies), reach) * 1.12];
  const costs = priced.map(({ clip }) => clip);
  const limits = costLimits(side);
  const [low, high] = costs.length ? [Math.min(...costs, ...limits.map(({ value }) => value).filter((value) => value > Math.min(...costs) / 1.5)) / 1.12, Math.min(Math.max(...costs) * 1.08, Math.min(...costs) * CHART.dearest)] : [1, 2];
  const strip = unpriced.length && !narrow && !paper ? 84 : 0;
  const height = strip + (paper ? (SIDES.length > 1 ? PAPER.half : PAPER.height) : narrow ? 340 : 450);
  const x = scale(least, most, CHART.left, width - CHART.right);
  const y = scale(low, high, height - CHART.bottom, strip + CHART.top);
  const [top, bottom, right] = [strip + CHART.top, height - CHART.bottom, width - CHART.right];
  const drawn = priced.filter(({ latency }) => latency <= most).map((one) => ({ ...one, at: one, px: x(one.latency), py: Math.max(top, y(one.clip)), dear: one.clip > high, big: one.front || one.gpu.value === side.merged.choices.gpu }));
  let end = 0; // names of dear options, side by side on the top edge as far as there is room
  for (const one of narrow ? [] : drawn.filter(({ dear, size }) => dear && size === 8).sort((some, other) => some.px - other.px)) {
    const says = `${one.gpu.value} × ${one.size}: ${digits(one.clip)}`;
    const last = one.px + 17 + WIDE * says.length;
    if (one.px < end || last > right || drawn.some(({ dear, px }) => dear && px > one.px && px < last)) continue;
    [one.says, end] = [says, last];
  }
  const text = (words, attributes) => element("text", attributes, words);
  const grid = [
    ...ticks(least, most, narrow ? 5 : 8).flatMap((value) => [element("line", { x1: x(value), x2: x(value), y1: top, y2: bottom, class: "grid" }), text(digits(value), { x: x(value), y: bottom + 16, class: "tick middle" })]),
    ...ticks(low, high, 7).flatMap((value) => [element("line", { x1: CHART.left, x2: right, y1: y(value), y2: y(value), class: "grid" }), text(digits(value), { x: CHART.left - 8, y: y(value) + 4, class: "tick end" })]),
    text(`Cost per clip, USD (log scale), ${VIEW.billing === "always" ? "as planned" : VIEW.billing}`, { x: 0, y: strip + 12, class: "tick" }),
    text("p95 latency, seconds (log scale)", { x: right, y: height - 6, class: "tick end" }),
  ];
  const money = tightest(limits);
  const inside = Number.isFinite(target) && target > least && Number.isFinite(money) && money > low;
  const budget = limits.filter(({ value }) => value > low && value < high);
  const lines = [
    inside && element("rect", { x: CHART.left, y: Math.max(top, y(money)), width: Math.min(right, x(target)) - CHART.left, height: bottom - Math.max(top, y(money)), class: "inside" }),
    inside && text("meets both", { x: CHART.left + 6, y: bottom - 8, class: "tick both" }),
    ...targets.filter(({ value }) => value > least && value < most).flatMap(({ value, text: what, of }) => [
      element("line", { x1: x(value), x2: x(value), y1: top - 6, y2: bottom, class: "limit", "data-limit-line": of }),
      text(`${what} ${showQuantity(value, "second")}`, narrow ? { x: x(value) + 4, y: top + 12, class: "tick wrong" } : { x: x(value), y: top - 10, class: "tick middle wrong" }),
    ]),
    ...budget.flatMap(({ value, text: words, of }) => [element("line", { x1: CHART.left, x2: right, y1: y(value), y2: y(value), class: "limit", "data-limit-line": of }), text(narrow ? words.replace(/ .* \(/, " ").replace(")", "") : words, { x: CHART.left + 4, y: y(value) - 5, class: "tick wrong" })]),
  ];
  const byGpu = groupBy(drawn, (one) => one.gpu.value);
  const path = (points) => points.map((one, at) => `${at ? "L" : "M"}${one.px.toFixed(1)} ${one.py.toFixed(1)}`).join("");
  const ours = (points) => points[0].gpu.value === side.merged.choices.gpu;
  const joined = [...byGpu.values()].map((points) => points.sort((one, other) => one.size - other.size)).filter((points) => points.length > 1 && (!narrow || ours(points)));
  const front = drawn.filter((one) => one.front).sort((one, other) => one.px - other.px);
  const paths = [
    ...joined.filter((points) => !ours(points)).map((points) => element("path", { d: path(points), class: "join", "data-of": points[0].gpu.value })),
    front.length > 1 && element("path", { d: path(front), class: "join front" }),
    ...joined.filter(ours).map((points) => element("path", { d: path(points), class: "join ours", "data-of": points[0].gpu.value })),
  ];
  const [across, up] = [bandOf(side, "latency_p95"), bandOf(side, "cost_per_video")];
  const mine = drawn.find((one) => one.ours);
  const cross = mine && VIEW.billing === "always" && across && up ? [
    element("line", { x1: Math.max(CHART.left, x(across[0])), x2: Math.min(right, x(across[2] ?? Infinity)), y1: mine.py, y2: mine.py, class: "cross" }),
    element("line", { x1: mine.px, x2: mine.px, y1: Math.min(bottom, y(up[0])), y2: Math.max(top, y(up[2] ?? Infinity)), class: "cross" }),
  ] : [];
  const order = drawn.toSorted((one, other) => one.big - other.big || one.ours - other.ours);
  const points = order.map((one) => optionPoint(side, one, one.px, one.py));
  const named = labels(byGpu, drawn, side, { left: CHART.left, right, top, bottom, narrow });
  const hits = order.map((one, at) => element("circle", { cx: one.px, cy: one.py, r: 12, class: "hit", onclick: () => choose(side, one.at), onpointerenter: () => showCard(side, points[at], one) }));
  const slow = priced.length - drawn.length;
  fill(place,
    element("svg", { class: "chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": `Cost per clip against p95 latency of ${shown.length} options; the table below says the same`, onkeydown: (event) => walk(side, event) },
      ...drawStrip(side, unpriced.filter(({ latency }) => latency <= most), x, width, strip), ...grid, ...lines, ...paths, ...cross, ...hits, ...points, ...named),
    slow > 0 && element("p", { class: "hint" }, `${slow} more ${slow > 1 ? "are" : "is"} slower than ${showQuantity(most, "second")}.`),
    element("div", { class: "point-card", hidden: true }));
  const first = place.querySelector("[data-ours]") ?? place.querySelector("[data-option]");
  if (first) first.setAttribute("tabindex", 0);
  return place;
}

/** A point: filled where it was measured, hollow where its generation was, dashed where nothing was; a triangle where it is dearer than the scale. */
function optionPoint(side, one, px, py) {
  const r = one.big ? 9 : 4;
  const shape = one.dear ? element("path", { d: `M${px} ${py - 5}l5 9h-10Z` }) : element("circle", { cx: px, cy: py, r });
  const words = `${one.gpu.label} × ${one.size}: p95 latency ${showQuantity(one.latency, "second")}, ${Number.isFinite(one.clip) ? `${digits(one.clip)} USD per clip` : `no ${priceNeeded()}`}, ${EVIDENCE[one.kind]}${one.ours ? ", this plan" : ""}`;
  const point = element("g", { class: `point ${one.kind}${one.big ? " big" : ""}${one.gpu.value === side.merged.choices.gpu ? " ours" : one.front ? " front" : ""}`, role: "button", tabindex: -1, "aria-label": words, "data-option": one.id, "data-cost": Number.isFinite(one.clip) ? one.clip : "", "data-latency": one.latency, "data-ours": one.ours, onclick: () => choose(side, one.at ?? one), onfocus: () => showCard(side, point, one), onpointerenter: () => showCard(side, point, one) },
    one.ours && element("circle", { cx: px, cy: py, r: 13, class: "halo" }), shape,
    one.big && !one.dear && element("text", { x: px, y: py + 4, class: "size" }, String(one.size)),
    one.says && element("text", { x: px + 9, y: py + 4, class: "tick" }, one.says));
  return point;
}

/** GPUs without a price, above the chart on its scale of latency: names in three rows where there is room, dots below. */
function drawStrip(side, unpriced, x, width, strip) {
  if (!strip) return [];
  const ends = [0, 0, 0];
  const best = [...groupBy(unpriced, (one) => one.gpu.value).values()].map((own) => own.reduce((a, b) => (b.size === side.values.gpus_per_replica ? b : a))).sort((one, other) => one.latency - other.latency);
  return [
    element("text", { x: 0, y: 14, class: "tick" }, `No ${priceNeeded()},`), element("text", { x: 0, y: 28, class: "tick" }, "placed by latency"),
    ...best.flatMap((one) => {
      const name = `${one.gpu.value}${one.size > 1 ? ` × ${one.size}` : ""}`;
      const px = x(one.latency);
      const row = px < 110 ? -1 : ends.findIndex((end) => end < px - 8);
      const room = row >= 0 && px + 12 + WIDE * name.length < width;
      if (room) ends[row] = px + 12 + WIDE * name.length;
      const py = room ? 10 + 18 * row : 66;
      return [optionPoint(side, one, px, py), room && element("text", { x: px + 8, y: py + 4, class: "tick" }, name)];
    }),
    element("line", { x1: 0, x2: width, y1: 78, y2: 78, class: "grid" }),
  ];
}

/** One name a GPU at an end of its line, where it is clear of points and other names; the plan's and the front's always. */
function labels(byGpu, drawn, side, { left, right, top, bottom, narrow }) {
  const taken = drawn.map((one) => [one.px - (one.big ? 10 : 5), one.py - (one.big ? 10 : 5), one.px + (one.says ? 9 + WIDE * one.says.length : one.big ? 10 : 5), one.py + (one.big ? 10 : 5)]);
  // A name may stand on a point rather than on another name.
  const overlaps = (box) => taken.filter((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]).reduce((sum, { isName }) => sum + (isName ? 100 : 1), 0);
  const rank = (points) => (points[0].gpu.value === side.merged.choices.gpu ? 0 : points.some((one) => one.front) ? 1 : 2);
  const first = [...byGpu.values()].filter((points) => rank(points) === 1).sort((some, others) => others.filter((one) => one.front).length - some.filter((one) => one.front).length)[0];
  return [...byGpu.values()].sort((some, others) => rank(some) - rank(others)).flatMap((points) => {
    const must = rank(points) < 2;
    if (narrow && !must) return [];
    const words = rank(points) === 0 ? (narrow ? "this plan" : `${points[0].gpu.value}, this plan`) : rank(points) === 1 ? `${points[0].gpu.value}${narrow || points !== first ? "" : ", Pareto front"}` : points[0].gpu.value;
    const wide = words.length * (must ? 1.1 : 1) * WIDE;
    const ends = [points[0], points[points.length - 1]];
    const spots = (must ? [...ends, ...points] : ends).flatMap((one) => [[8, 4], [12, 18], [-wide - 12, 4], [-wide / 2, 24], [-wide / 2, -14]].map(([dx, dy]) => [one.px + dx + (must && dx > 0 ? 6 : 0), one.py + dy]));
    const boxes = spots.map(([px, py]) => [px, py - 11, px + wide, py + 3]).filter((box) => box[0] >= left && box[2] <= right + 16 && box[1] >= top - 4 && box[3] <= bottom);
    const best = boxes.toSorted((one, other) => overlaps(one) - overlaps(other))[0];
    if (!best || (!must && overlaps(best))) return [];
    taken.push(Object.assign(best, { isName: true }));
    return [element("text", { x: best[0], y: best[1] + 11, class: ["name ours", "name front", "name"][rank(points)] }, words)];
  });
}

/** Whether an option keeps the promise: in how many of the runs by which it may be off, if it may be. */
function chanceIn(side, one) {
  if (one.isPinned) return "not known";
  const chance = chanceOnTime(side, one);
  const { low, high, whose } = one.error;
  return low < high ? `${chanceText(chance)} of ${whose}` : chance ? "yes" : "no";
}

/** Show a point's card next to it, never over it. */
function showCard(side, point, one) {
  const card = document.querySelector(`[data-chart="${side.index}"] .point-card`);
  const chart = point.ownerSVGElement;
  if (!card || !chart) return;
  for (const other of chart.querySelectorAll(".chosen")) other.classList.remove("chosen");
  for (const line of chart.querySelectorAll(`[data-of="${one.gpu.value}"]`)) line.classList.add("chosen");
  point.classList.add("chosen");
  const rows = [["Runtime", one.runtime], ["p95 latency", showQuantity(one.latency, "second")], ["Cost per clip", Number.isFinite(one.clip) ? `${digits(one.clip)} USD` : `no ${priceNeeded()}`], ["GPUs", grouped(one.figures.gpus, "gpu").split(" ")[0]],
    Number.isFinite(one.clip) && ["Per month", `${dollars(billOf(one.figures, "always").month)}, autoscaled ${dollars(billOf(one.figures, "autoscaled").month)}`], promises(side) && [`Meets ${asked(side)}`, chanceIn(side, one)], ["Evidence", EVIDENCE[one.kind]]].filter(Boolean);
  fill(card, element("strong", {}, `${one.gpu.value} × ${one.size}`), element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])), element("p", {}, one.ours ? "This plan" : `Enter or click: use ${one.gpu.value} × ${one.size}`));
  card.hidden = false;
  const [wide, tall, box, within] = [card.offsetWidth, card.offsetHeight, point.getBoundingClientRect(), chart.getBoundingClientRect()];
  const middle = { x: box.left + box.width / 2 - within.left, y: box.top + box.height / 2 - within.top };
  card.style.left = `${middle.x + 24 + wide < within.width ? middle.x + 20 : Math.max(0, middle.x - wide - 20)}px`;
  card.style.top = `${Math.max(0, Math.min(within.height - tall, middle.y + 16))}px`;
}

function hideCard() {
  for (const card of document.querySelectorAll(".point-card")) card.hidden = true;
  for (const one of document.querySelectorAll(".chart .chosen")) one.classList.remove("chosen");
}

/** Arrow keys walk over the points: left and right by latency, up and down by group size; Enter chooses, Escape leaves. */
function walk(side, event) {
  const from = event.target.closest("[data-option]");
  if (!from) return;
  const all = [...from.ownerSVGElement.querySelectorAll("[data-option]")].sort((one, other) => one.dataset.latency - other.dataset.latency);
  const [gpu, size] = from.dataset.option.split(" ");
  const own = all.filter((one) => one.dataset.option.startsWith(`${gpu} `)).sort((one, other) => one.dataset.option.split(" ")[1] - other.dataset.option.split(" ")[1]);
  const step = { ArrowLeft: [all, -1], ArrowRight: [all, 1], ArrowDown: [own, -1], ArrowUp: [own, 1] }[event.key];
  if (event.key === "Enter" || event.key === " ") choose(side, side.options.find((one) => one.id === `${gpu} ${size}`));
  else if (event.key === "Escape") { hideCard(); from.blur(); }
  else if (step) {
    const to = step[0][step[0].indexOf(from) + step[1]];
    if (to) for (const one of [from, to]) one.setAttribute("tabindex", one === to ? 0 : -1);
    to?.focus();
  } else return;
  event.preventDefault();
}
