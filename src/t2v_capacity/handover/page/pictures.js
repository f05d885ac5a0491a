// Pictures: plain bars and lines, each with its numbers.

/** Rows of a label, a bar and a number; a value that is none has no bar; `parts` is [[label, value, text]], the bars to one scale. */
function bars(title, parts, note) {
  const most = Math.max(...parts.map(([, value]) => value).filter(Number.isFinite), 0) || 1;
  return scrolling(title,
    element("table", { class: "bars" },
      element("caption", {}, title, note && element("span", { class: "note" }, note)),
      element("tbody", {}, ...parts.map(([label, value, text]) => {
        const width = Number.isFinite(value) ? Math.max(0, Math.min(100, (100 * value) / most)) : 0;
        const bar = element("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, element("rect", { width, height: 10, class: "bar" }));
        return element("tr", {}, element("th", { scope: "row" }, label), element("td", { class: "drawn" }, bar), element("td", { class: "number" }, text));
      })),
    ));
}

/** Shares of a whole, the largest first; what is nothing is left out. */
function shares(side, title, names, sum) {
  const parts = names.map((name) => [ABOUT[name].label, side.figures[name], name]).filter(([, value]) => value > 0);
  if (Object.hasOwn(side.plan.pins, sum)) return element("p", { class: "hint" }, `${sum} is pinned, so its parts are not known.`);
  const whole = parts.reduce((so, [, value]) => so + value, 0);
  parts.sort((one, other) => other[1] - one[1]);
  return bars(title, parts.map(([label, value, name]) => [label, value, `${showValue(name, value, { brief: true })}, ${digits((100 * value) / whole, UNITS.significant, false)}%`]));
}

/** The rule of thumb against the physical model; a thousandfold gap is read on a scale of powers of ten. */
function gap(side) {
  const names = ["rule_of_thumb_gpus", "gpus"];
  const parts = names.map((name) => [ABOUT[name].label, Math.log10(1 + side.figures[name]), showValue(name, side.figures[name])]);
  const times = side.figures.gpus / side.figures.rule_of_thumb_gpus;
  const asks = Number.isFinite(times) ? `: the model asks for ${showQuantity(times, "ratio")} times as many GPUs` : "";
  return bars("The rule of thumb against the physical model", parts, `. Bars grow with powers of ten${asks}.`);
}

const WIDTH = 320;
const HEIGHT = 120;
const LEFT = 4;
const LEVEL = 0.01; // a figure that moves less is a line of text

/** A line of one figure over the months with its limits, its ends as text, and its numbers in a table below; of one that does not move a line of text. */
function line(name, found, limits) {
  const values = found.map((month) => month[name]);
  const last = values.length - 1;
  const most = Math.max(...values.filter(Number.isFinite), ...limits.map(({ limit }) => limit)) || 1;
  const x = (month) => LEFT + ((WIDTH - 2 * LEFT) * month) / Math.max(1, last);
  const y = (value) => HEIGHT - (HEIGHT - 8) * (Math.max(0, value) / most);
  const known = [...values.keys()].filter((month) => Number.isFinite(values[month]));
  const path = known.map((month) => `${known.includes(month - 1) ? "L" : "M"}${x(month).toFixed(1)} ${y(values[month]).toFixed(1)}`).join("");
  const title = ABOUT[name].label;
  const shown = (month) => Number.isNaN(values[month]) ? "none" : showQuantity(values[month], headlineUnit(name));
  const says = [`${title}: ${shown(0)} now, ${shown(last)} in ${last} months`, ...limits.map((limit) => crossing(limit, values))].join("; ");
  const crossed = limits.map((limit) => element("p", { class: kept(limit, values[0]) ? "hint" : "hint beyond", "data-limit": limit.text }, crossing(limit, values)));
  const drawn = { "data-line": name, "data-values": JSON.stringify(values.map(full)) };
  if (known.every((month) => Math.abs(values[month] - values[0]) <= LEVEL * Math.abs(values[0]))) {
    return element("div", { class: "level", ...drawn }, element("p", {}, `${title}: ${shown(0)}${shown(last) === shown(0) ? "" : ` to ${shown(last)}`} over ${last} months`), ...crossed);
  }
  return element("figure", { class: "line", ...drawn },
    element("figcaption", {}, title),
    element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 2}`, role: "img", "aria-label": says },
      element("line", { x1: LEFT, x2: WIDTH - LEFT, y1: HEIGHT, y2: HEIGHT, class: "axis" }),
      ...limits.map(({ limit }) => element("line", { x1: LEFT, x2: WIDTH - LEFT, y1: y(limit), y2: y(limit), class: "limit" })),
      element("path", { d: path, class: "curve" }),
      Number.isFinite(values[last]) && element("circle", { cx: x(last), cy: y(values[last]), r: 3, class: "bar" }),
    ),
    element("p", { class: "ends" }, element("span", {}, `now ${shown(0)}`), element("span", {}, `month ${last}: ${shown(last)}`)),
    ...crossed,
  );
}

/** Whether a value keeps a limit, as conditions.py has it. */
function kept({ comparison, limit }, value) {
  const slack = DATA.slack * Math.abs(limit);
  const keeps = {
    "<": value < limit - slack,
    "<=": value <= limit + slack,
    ">": value > limit + slack,
    ">=": value >= limit - slack,
    "=": Math.abs(value - limit) <= slack,
  };
  return keeps[comparison];
}

/** When a limit is crossed, in the words of `t2v-cap forecast`. */
function crossing(limit, values) {
  const shown = (at) => showValue(limit.figure, values[at], { significant: 6 });
  const month = values.findIndex((value) => !kept(limit, value));
  const last = values.length - 1;
  const holds = values.findLastIndex((value) => !kept(limit, value)) + 1;
  const again = holds <= last ? `; holds from month ${holds} on` : "";
  if (month < 0) return `${limit.text} holds for ${last + 1} month${last ? "s" : ""}: ${shown(last)} in month ${last}`;
  if (month === 0) return `${limit.text} does not hold in month 0: ${shown(0)}${again}`;
  return `${limit.text} is crossed in month ${month}: ${shown(month)}, after ${shown(month - 1)} in month ${month - 1}${again}`;
}

function overMonths(side) {
  const sold = Number.isFinite(side.figures.profit_per_month) ? ["revenue_per_month", "profit_per_month"] : [];
  const columns = ["dau", "storage_held", "gpus", "cost_per_month", ...sold];
  const drawn = [...new Set(["gpus", "cost_per_month", ...side.plan.limits.map((limit) => limit.figure).filter((name) => !OWN.test(name)), "dau", "storage_held"])];
  const found = months(side, DATA.months, [...columns, ...drawn, "utilization"]);
  if (found.length < 2) return element("p", {}, "The months ahead leave the bounds of users or of the service's age.");
  const late = found.findIndex(({ utilization }) => utilization >= 1);
  const every = found.filter((_month, at) => at % 6 === 0 || at === found.length - 1);
  const growth = `Users grow by ${showValue("growth_per_month", side.values.growth_per_month)} per month (growth_per_month); GPUs, storage and money follow.`;
  const cells = (month) => columns.map((name) => element("td", { class: "number" }, showValue(name, month[name], { brief: true })));
  return element("div", {},
    element("p", { class: "hint" }, growth),
    late >= 0 && element("p", { class: "hint beyond", "data-late": late }, `From month ${late} on the fleet does not carry its peak: its GPUs and its bill are too small for these users.`),
    element("div", { class: "lines" }, ...drawn.map((name) => line(name, found, side.plan.limits.filter((limit) => limit.figure === name)))),
    element("details", {},
      element("summary", {}, "The months in numbers"),
      scrolling("The months in numbers",
        element("table", {},
          element("thead", {}, element("tr", {}, ...["month", "users", "storage held", "GPUs", "cost per month", ...sold.map((name) => name.split("_")[0])].map((text) => element("th", { scope: "col", class: "number" }, text)))),
          element("tbody", {}, ...every.map((month) => element("tr", {}, element("th", { scope: "row", class: "number" }, String(found.indexOf(month))), ...cells(month)))),
        )),
    ),
  );
}

function showPictures() {
  showContext();
  const place = document.getElementById("drawn");
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  const section = (id, title, draw) => element("section", { class: "picture", "aria-labelledby": id },
    element("h2", { id }, title),
    ...SIDES.map((side) => element("div", {}, SIDES.length > 1 && element("h3", {}, ...named(side)), draw(side))));
  fill(place,
    section("months-title", "The months ahead", overMonths),
    section("seconds-title", "Where a clip's seconds go", (side) => shares(side, "Stages of a clip on one GPU", DATA.stages, "gpu_seconds_per_video")),
    section("money-title", "Where a month's money goes", (side) => shares(side, "Parts of the cost of a month", DATA.money, "cost_per_month")),
    section("gap-title", "Why the rule of thumb is not enough", gap),
  );
  place.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(open[at]); });
  reachScrolling();
}
