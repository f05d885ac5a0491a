// What leaves the page: a scenario file, a link, a picture of the chart; nothing is sent.

function fileOf(side) {
  return SIDES.length > 1 ? `plan-${letterOf(side).toLowerCase()}.yaml` : "plan.yaml";
}

/** Let the reader save a file. */
function save(name, content, kind) {
  const address = URL.createObjectURL(new Blob([content], { type: kind }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A value as a file has it: what the reader or the author wrote, with its source, else the number in the unit of a person. */
function writtenAs(side, name) {
  const { written } = side.plan.file;
  if (Object.hasOwn(side.good, name)) return side.good[name].trim();
  const said = written[name];
  if (said === undefined || !Object.is(side.merged.written[name], side.plan.below.flags.numbers[name] ?? side.plan.below.written[name] ?? side.plan.below.prices[side.merged.choices.gpu]?.[name])) return inputText(name, side.values[name], 17);
  return noted(side, name, said);
}

/** A text of a file with what is said of it; of a pin also what it was measured at, which is the plan as exported if the file doesn't say. */
function noted(side, name, said) {
  const { as_of: asOf, expires, note } = side.plan.given[name] ?? {};
  const source = side.plan.given[name] && sourceOf(side, name);
  const measured = side.plan.measured.find(([called]) => called === name);
  const at = measured && Object.fromEntries(measured[1]);
  const notes = Object.fromEntries(Object.entries({ source, as_of: asOf, expires, note, at }).filter(([, text]) => text));
  return Object.keys(notes).length || typeof said !== "string" ? { ...(typeof said === "string" ? { value: said } : said), ...notes } : said;
}

/** Pins as a file has them, of the plan or at the path of a part. */
function pinsAs(side, pins, path = "") {
  return Object.fromEntries(Object.entries(pins).map(([name, said]) => [name, noted(side, path + name, said)]));
}

/** The plan as it stands as a scenario file of its own, which `estimate` reads to the same figures. */
function overlay(side) {
  const plain = (value) => (typeof value === "string" && /^[0-9A-Za-z][\w .%/+-]*$/.test(value) ? value : JSON.stringify(value));
  const { about, pins, budgets, written: { day_curve: curve } } = side.plan.file;
  const choices = Object.fromEntries(Object.entries(side.merged.choices).filter(([name]) => side.merged.origins[name] === "hand"));
  const lines = Object.fromEntries(Object.keys(side.merged.written).map((name) => [name, writtenAs(side, name)]));
  // A file is one layer over the defaults: what that makes otherwise than the plan's own layers did is written out.
  const numbers = Object.fromEntries(Object.keys(lines).map((name) => [name, side.values[name]]));
  const alone = settle(tablesOf(side), lay(tablesOf(side), tablesOf(side).start, { choices, numbers }), side.plan.bitrates);
  for (const [name, value] of Object.entries(side.values)) if (!Object.is(alone[name], value) && !isClose(alone[name], value)) lines[name] = inputText(name, value, 17);
  const ofCurve = ["peak_to_average", "time_zones"];
  if (curve.length && !ofCurve.some((name) => Object.hasOwn(side.good, name))) {
    const source = sourceOf(side, "peak_to_average");
    for (const name of ofCurve) delete lines[name];
    lines.day_curve = { value: curve, ...(source && { source }) };
  }
  return Object.entries({ ...about, ...choices, ...lines, ...(Object.keys(pins).length && { pins: pinsAs(side, pins) }), ...(budgets.length && { budgets }) }).map(([name, value]) => `${name}: ${plain(value)}\n`).concat(innerOf(side).map(([home, parts]) => `${home}: ${innerText(side, `${home}.`, parts)}\n`)).join("");
}

/** Parts or stages of the file as pairs, with the products that the reader added: each says what the one that it copies says. */
function innerOf({ plan: { file: { inner }, parts }, added }) {
  if (!added.length) return inner;
  const copied = parts.length ? inner[0][1][0][1] : inner; // of a plan that is no mix its stages
  return [["mix", [...(parts.length ? inner[0][1] : [[FIRST, copied]]), ...added.map((name) => [name, copied])]]];
}

/** Parts or stages as a file has them, with what the reader wrote: pairs, since a browser puts a name such as `2` before others. */
function innerText(side, home, parts) {
  const mapping = (pairs) => `{${pairs.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(", ")}}`;
  return mapping(parts.map(([called, own]) => {
    const path = `${home}${called}.`;
    const typed = Object.keys(numbersOf(side.good, path)).map((name) => [name, side.good[path + name]]);
    const said = new Map([...own, ...typed, ...(home === "mix." ? [["share", String(valueOf(side, `${path}share`))]] : [])]);
    return [called, mapping([...said].map(([name, value]) => [name, name === "stages" ? innerText(side, `${path}stages.`, value) : JSON.stringify(name === "pins" ? pinsAs(side, value, path) : value)]))];
  }));
}

function download(side) {
  save(fileOf(side), overlay(side), "application/yaml");
  tell(side, `${fileOf(side)} is saved.`);
}

const DRAWN_BY = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "fill-opacity", "font-size", "font-weight", "text-anchor", "opacity"];

/** The chart as a picture: it has its colors in itself, and the sentence, the date and the link on it. */
async function copyChart() {
  const [side, chart] = [SIDES[0], document.querySelector("[data-chart='0'] svg.chart")];
  if (!chart) return;
  const [width, height, room] = [chart.clientWidth, chart.clientHeight, 56];
  const copied = chart.cloneNode(true);
  const [from, to] = [chart, copied].map((one) => [one, ...one.querySelectorAll("*")]);
  from.forEach((one, at) => {
    const style = getComputedStyle(one);
    for (const name of DRAWN_BY) to[at].setAttribute(name, style.getPropertyValue(name));
    if (one.matches(".hit, .halo")) to[at].setAttribute("opacity", 0);
  });
  const body = getComputedStyle(document.body);
  const line = (text, y, size, weight) => element("text", { x: 0, y, fill: body.color, "font-size": size, "font-weight": weight }, text);
  const page = element("svg", { xmlns: "http://www.w3.org/2000/svg", width: width + 32, height: height + room + 48, viewBox: `-16 -16 ${width + 32} ${height + room + 48}`, "font-family": "system-ui, sans-serif" },
    element("rect", { x: -16, y: -16, width: width + 32, height: height + room + 48, fill: body.backgroundColor }),
    line(`${nameOf(side)}: ${sentences(side)[0]}`, 12, "16px", 650), line(sentences(side).slice(1).join(" "), 32, "12px", 400));
  copied.setAttribute("y", room);
  page.append(copied, line([side.plan.conventions.replace(/^.*facts as of/, "Facts as of"), `${location.protocol === "file:" ? "" : location.href.split("#")[0]}${hash()}`].filter(Boolean).join(" · "), height + room + 22, "11px", 400));
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(page))}`;
  await picture.decode();
  const canvas = element("canvas", { width: 2 * (width + 32), height: 2 * (height + room + 48) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const content = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": content })]);
    tell(side, "The picture is copied.");
  } catch {
    save("chart.png", content, "image/png");
    tell(side, "The picture is saved as chart.png.");
  }
}
