// Pictures where people would rather look than read: plain bars and lines, each with its numbers beside it.

/** Rows of a label, a bar and a number; `parts` is [[label, value, text]], the bars to one scale. */
function bars(title, parts, note) {
  const most = Math.max(...parts.map(([, value]) => value), 0) || 1;
  return scrolling(title,
    element("table", { class: "bars" },
      element("caption", {}, title, note && element("span", { class: "note" }, note)),
      element("tbody", {}, ...parts.map(([label, value, text]) => {
        const width = Math.max(0, Math.min(100, (100 * value) / most));
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
  return bars(title, parts.map(([label, value, name]) => [label, value, `${showValue(name, value, { brief: true })}, ${digits((100 * value) / whole, 3)}%`]));
}

/** The rule of thumb against the physical model; a thousandfold gap is read on a scale of powers of ten. */
function gap(side) {
  const names = ["rule_of_thumb_gpus", "gpus"];
  const parts = names.map((name) => [ABOUT[name].label, Math.log10(1 + side.figures[name]), showValue(name, side.figures[name])]);
  const times = side.figures.gpus / side.figures.rule_of_thumb_gpus;
  const asks = Number.isFinite(times) ? `: the model asks for ${digits(times, 3)} times as many GPUs` : "";
  return bars("The rule of thumb against the physical model", parts, `. Bars grow with powers of ten${asks}.`);
}

const WIDTH = 320;
const HEIGHT = 120;
const LEFT = 4;

/** A line of one figure over the months, its ends written beside it, its numbers in a table below. */
function line(title, name, found) {
  const values = found.map((month) => month[name]);
  const most = Math.max(...values) || 1;
  const last = values.length - 1;
  const x = (month) => LEFT + ((WIDTH - 2 * LEFT) * month) / Math.max(1, last);
  const y = (value) => HEIGHT - (HEIGHT - 8) * (value / most);
  const path = values.map((value, month) => `${month ? "L" : "M"}${x(month).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const says = `${title}: ${showValue(name, values[0])} now, ${showValue(name, values[last])} in ${last} months`;
  return element("figure", { class: "line" },
    element("figcaption", {}, title),
    element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 2}`, role: "img", "aria-label": says },
      element("line", { x1: LEFT, x2: WIDTH - LEFT, y1: HEIGHT, y2: HEIGHT, class: "axis" }),
      element("path", { d: path, class: "curve" }),
      element("circle", { cx: x(last), cy: y(values[last]), r: 3, class: "bar" }),
    ),
    element("p", { class: "ends" }, element("span", {}, `now ${showValue(name, values[0])}`), element("span", {}, `month ${last}: ${showValue(name, values[last])}`)),
  );
}

function overMonths(side) {
  const found = months(side, DATA.months);
  if (found.length < 2) return element("p", {}, "The months ahead leave the bounds of users or of the service's age.");
  const every = found.filter((_month, at) => at % 6 === 0 || at === found.length - 1);
  const growth = `Users grow by ${showValue("growth_per_month", side.values.growth_per_month)} a month (growth_per_month); GPUs, storage and money follow.`;
  const columns = ["dau", "storage_held", "gpus", "cost_per_month"];
  const cells = (month) => columns.map((name) => element("td", { class: "number" }, showValue(name, month[name], { brief: true })));
  return element("div", {},
    element("p", { class: "hint" }, growth),
    element("div", { class: "lines" }, line("Users a day", "dau", found), line("Storage held", "storage_held", found)),
    element("details", {},
      element("summary", {}, "The months in numbers"),
      scrolling("The months in numbers",
        element("table", {},
          element("thead", {}, element("tr", {}, ...["month", "users", "storage held", "GPUs", "cost a month"].map((text) => element("th", { scope: "col", class: "number" }, text)))),
          element("tbody", {}, ...every.map((month) => element("tr", {}, element("th", { scope: "row", class: "number" }, String(found.indexOf(month))), ...cells(month)))),
        )),
    ),
  );
}

function showPictures() {
  const place = document.getElementById("pictures");
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  const section = (id, title, draw) => element("section", { class: "picture", "aria-labelledby": id },
    element("h2", { id }, title),
    ...SIDES.map((side) => element("div", {}, SIDES.length > 1 && element("h3", {}, ...named(side)), draw(side))));
  fill(place,
    section("seconds-title", "Where a clip's seconds go", (side) => shares(side, "Stages of a clip on one GPU", DATA.stages, "gpu_seconds_per_video")),
    section("money-title", "Where a month's money goes", (side) => shares(side, "Parts of the cost of a month", DATA.money, "cost_per_month")),
    section("months-title", "The months ahead", overMonths),
    section("gap-title", "Why the rule of thumb is not enough", gap),
  );
  place.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(open[at]); });
  reachScrolling();
}
