// Where a number comes from: its formula in names and in numbers, down to the assumptions and their sources.

/** A formula with each parameter as it is shown: `pieces` alternates text and names. */
function inNumbers(side, pieces) {
  return pieces.map((piece, at) => (at % 2 ? showValue(piece, side.figures[piece], { significant: 6, brief: true }) : piece)).join("");
}

function headOf(side, name) {
  return `${name} = ${showValue(name, side.figures[name], { significant: 6 })}`;
}

/** What an assumption or a pin rests on. */
function given(side, name) {
  const about = side.plan.given[name];
  const changed = name in side.texts && !(name in side.errors);
  const lines = changed ? [`changed on this page; exported as ${side.plan.texts[name]}, ${about.origin}`] : [about.origin];
  if (name in side.plan.values) lines.push(ABOUT[name].bounds);
  const noted = [about.range && `a range, ${about.range}`, about.source, about.note, about.as_of && !about.source.includes(about.as_of) && `as of ${about.as_of}`].filter(Boolean);
  return element("p", { class: "given" }, ...linked([...lines, ...noted].join("; ")));
}

/** What one name follows from; figures below open on demand, so that a tree of a hundred is drawn a branch at a time. */
function reasons(side, name) {
  if (!(name in FORMULAS) || name in side.plan.pins) return [name in side.plan.pins ? element("p", {}, "Pinned: a known number in place of the formula.") : null, given(side, name)];
  const formula = DATA.formulas[name];
  return [
    element("p", {}, formula.sentence),
    element("p", { class: "formula" }, `= ${formula.names}`),
    element("p", { class: "formula", "data-numbers": name }, `= ${inNumbers(side, formula.pieces)}`),
    ...formula.parameters.map((parameter) => branch(side, parameter)),
  ];
}

function branch(side, name) {
  const made = element("details", { class: "branch", ontoggle: () => {
    if (made.open && made.children.length === 1) made.append(...reasons(side, name).filter(Boolean));
  } }, element("summary", {}, headOf(side, name), element("span", { class: "meaning" }, ` ${ABOUT[name].label}`)));
  return made;
}

function explain(name, index) {
  const side = SIDES[index];
  const dialog = document.getElementById("explanation");
  const formula = DATA.formulas[name];
  fill(dialog,
    element("form", { method: "dialog", class: "close" }, element("button", { "aria-label": "Close" }, "Close")),
    element("h2", { id: "explanation-title", tabindex: -1 }, ABOUT[name].label),
    SIDES.length > 1 && element("p", { class: "actions" }, ...SIDES.map((one) =>
      element("button", { type: "button", "aria-pressed": String(one.index === index), onclick: () => explain(name, one.index) }, one.plan.name))),
    element("p", { class: "head" }, headOf(side, name)),
    ...reasons(side, name).filter(Boolean),
    formula && formula.reason && element("p", { class: "reason" }, ...linked(formula.reason)),
    formula && element("p", { class: "origin" }, formula.place),
  );
  if (!dialog.open) dialog.showModal();
  document.getElementById("explanation-title").focus();
}
