// Where a number comes from: its formula in names and in numbers, down to the assumptions and their sources.

/** A formula with each parameter as it is shown, and constants as numbers. */
function inNumbers(side, { names }) {
  const constant = (value) => (Number.isNaN(value) ? "none" : digits(value, 6));
  return names.replace(WORD, (name) => (Object.hasOwn(CONSTANTS, name) ? constant(CONSTANTS[name]) : Object.hasOwn(ABOUT, name) ? showValue(name, side.figures[name], { significant: 6, brief: true }) : name));
}

function headOf(side, name) {
  return `${name} = ${showValue(name, side.figures[name], { significant: 6 })}`;
}

/** The source of a value as its author or the catalogue has it. */
function sourceOf(side, name) {
  const { source } = side.plan.given[name];
  return typeof source === "number" ? tablesOf(side).cited[source] : source;
}

/** What an assumption or a pin rests on. */
function given(side, name) {
  const about = side.plan.given[name];
  const said = sourceOf(side, name);
  const changed = Object.hasOwn(side.good, name);
  const brought = !changed && !Object.hasOwn(side.plan.pins, name) && side.merged.supplied[name];
  if (Array.isArray(brought) && side.values[name] !== side.plan.values[name]) {
    const rows = tablesOf(side).sources.slice(0, brought[1] + 1);
    const [, cited, note = "", dated = ""] = rows.at(-1);
    const [entry] = rows.findLast(([name]) => name);
    const source = tablesOf(side).cited[cited];
    return element("p", { class: "given" }, ...linked([`catalogue, ${entry}`, boundsOf(name), source, note, dated && `as of ${dated}`].filter(Boolean).join("; ")));
  }
  const exported = about.origin ?? "default";
  const origin = follows(side, name) && side.values[name] !== side.plan.values[name] ? `follows the frame; ${exported} as exported` : exported;
  const lines = changed ? [`changed on this page to ${side.good[name]}; exported as ${exportedText(side, name)}, ${origin}`] : [origin];
  if (Object.hasOwn(side.plan.values, name)) lines.push(boundsOf(name));
  const noted = [about.range && `a range, ${about.range}`, said, about.note, about.as_of && !said.includes(about.as_of) && `as of ${about.as_of}`].filter(Boolean);
  return element("p", { class: "given" }, ...linked([...lines, ...noted].join("; ")));
}

/** What one name follows from; figures below open on demand, so that a tree of a hundred is drawn a branch at a time. */
function reasons(side, name) {
  const pinned = Object.hasOwn(side.plan.pins, name);
  if (pinned) return [element("p", {}, "Pinned: a known number in place of the formula."), given(side, name)];
  if (!Object.hasOwn(FORMULAS, name)) return [given(side, name)];
  const formula = DATA.formulas[name];
  const parts = side.values[PARTS] ?? [];
  const [joins, inner, whose] = parts.length ? [DATA.joins, parts, "parts"] : [DATA.stage_joins, side.values[STAGES], "stages"];
  if (inner.length && Object.hasOwn(joins, name)) {
    const word = { mean: "The mean by share", max: "The most", min: "The least", sum: "The sum", last: "The last" }[joins[name]];
    const found = inner.map((part) => clipsOf(part, side.values, DATA.order, joins));
    const values = parts.length ? inner.map((part, at) => [part.name, found[at][name]]) : counted(inner, found, name);
    return [element("p", {}, formula.text), element("p", { class: "formula", "data-numbers": name }, `${word} of the ${whose}: ${values.map(([called, value]) => `${called} ${showValue(name, value, { significant: 6, brief: true })}`).join(", ")}`), element("p", { class: "formula" }, `= ${formula.names} of each`)];
  }
  return [
    element("p", {}, formula.text),
    element("p", { class: "formula" }, `= ${formula.names}`),
    element("p", { class: "formula", "data-numbers": name }, `= ${inNumbers(side, formula)}`),
    ...parametersOf(name).map((parameter) => branch(side, parameter)),
  ];
}

function branch(side, name) {
  const made = element("details", { class: "branch", ontoggle: () => {
    if (made.open && made.children.length === 1) made.append(...reasons(side, name));
  } }, element("summary", {}, headOf(side, name), element("span", { class: "meaning" }, ` ${ABOUT[name].label}`)));
  return made;
}

function explain(name, index) {
  const side = SIDES[index];
  const dialog = document.getElementById("explanation");
  const formula = !Object.hasOwn(side.plan.pins, name) && DATA.formulas[name];
  const sides = SIDES.map((one) => element("button", { type: "button", "aria-pressed": String(one.index === index), onclick: () => explain(name, one.index) }, ...named(one)));
  fill(dialog, element("div", { class: "explained" },
    element("form", { method: "dialog", class: "close" }, element("button", { "aria-label": "Close" }, "Close")),
    element("h2", { id: "explanation-title", tabindex: -1 }, ABOUT[name].label),
    SIDES.length > 1 && element("p", { class: "actions" }, ...sides),
    element("p", { class: "head" }, headOf(side, name)),
    name === "gpus" && whyTable(side),
    ...reasons(side, name),
    formula && formula.reason && element("p", {}, ...linked(formula.reason)),
    formula && element("p", { class: "origin" }, `t2v_capacity/formulas/${formula.place}`),
  ));
  if (!dialog.open) dialog.showModal();
  document.getElementById("explanation-title").focus();
}
