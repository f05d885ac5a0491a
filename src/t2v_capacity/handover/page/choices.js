// Choices: the page's flags as one layer over the exported plan. What `Merge.lay` of load.py does, on tables that Python wrote.

/** The row of a table for the options in force: of `h100-sxm/fa3`, else of the last of them alone; unpacked into the value and the source of each name when it is first read. */
function rowOf(table, chosen) {
  const options = table.of.map((name) => chosen[name]);
  const key = [options.join("/"), options.at(-1)].find((one) => Object.hasOwn(table.rows, one));
  const row = table.rows[key];
  if (Array.isArray(row)) table.rows[key] = Object.fromEntries(table.names.map((name, at) => [name, row.slice(2 * at, 2 * at + 2)]).filter(([, [, source]]) => Number.isInteger(source)));
  return table.rows[key];
}

/** What lies below, with a layer of choices and numbers over it; null takes a name away. `refused` says why it can't be. */
function lay(tables, below, layer) {
  const { choices, numbers } = layer;
  const was = below.choices;
  const laid = { choices: { ...was }, origins: { ...below.origins }, supplied: { ...below.supplied }, written: { ...below.written }, prices: { ...below.prices }, refused: "" };
  const chosen = laid.choices;
  for (const [name, option] of Object.entries(choices)) {
    chosen[name] = option ?? tables.names[name].default;
    laid.origins[name] = option === null ? "default" : "hand";
  }
  for (const name of tables.accelerations) {
    const asked = Object.hasOwn(choices, name) || Object.hasOwn(choices, "model");
    if (asked && laid.origins[name] === "hand" && !rowOf(tables.tables[name], chosen)) laid.refused ||= `${chosen[name]} is not in the catalogue for ${chosen.model}`;
  }
  const expanded = new Set(Object.keys(choices));
  for (const name of Object.keys(choices)) for (const made of imply(tables, below, laid, choices, name)) expanded.add(made);
  for (const name of expanded) expand(tables, laid, name, chosen[name] !== was[name]);
  for (const [name, value] of Object.entries(numbers)) {
    const owner = layer.owners?.[name] ?? chosen.gpu;
    const place = DATA.prices.includes(name) ? (laid.prices[owner] = { ...laid.prices[owner] }) : laid.written;
    if (value === null) delete place[name];
    else place[name] = value;
  }
  // A price is of the GPU in force where it was written.
  for (const name of DATA.prices) delete laid.written[name];
  Object.assign(laid.written, laid.prices[chosen.gpu]);
  return laid;
}

/** Make the choices that another one implies, where the layer itself doesn't; one that was made by hand stays where it can. */
function imply(tables, below, laid, asked, choice) {
  const anew = laid.choices[choice] !== below.choices[choice];
  const made = [];
  for (const table of (tables.implies[choice] ?? []).map((name) => tables.implied[name])) {
    const row = rowOf(table, laid.choices);
    for (const [name, value] of Object.entries({ ...table.usual, ...(typeof row === "string" ? { [table.name]: row } : row) })) {
      const runs = name === "attention_kernel" && rowOf(tables.tables[name], laid.choices) !== undefined;
      const stays = below.origins[name] === "hand" && (!anew || tables.accelerations.includes(name) || runs);
      if (Object.hasOwn(asked, name) || stays || (Object.hasOwn(table.usual, name) && value === laid.choices[name])) continue;
      laid.choices[name] = value;
      laid.origins[name] = "catalogue";
      made.push(name);
    }
  }
  return made;
}

/** Take the numbers that a choice supplies, in the place of written ones where it is another than before. */
function expand(tables, laid, choice, anew) {
  const supplied = {};
  for (const [name, nothing] of tables.supplies[choice]) {
    if (laid.choices[name] === nothing) continue;
    const row = rowOf(tables.tables[name], laid.choices) ?? `${laid.choices[name]} does not run on ${generationOf(tables, laid.choices.gpu)} GPUs`;
    if (typeof row === "string") laid.refused ||= row;
    else Object.assign(supplied, row);
  }
  for (const name of tables.optional[choice]) if (!Object.hasOwn(supplied, name)) delete laid.supplied[name];
  for (const [name, value] of Object.entries(supplied)) {
    const asked = tables.of_a_model.includes(name);
    if (asked && laid.origins[choice] === "default") delete laid.supplied[name];
    else if (anew || !asked) laid.supplied[name] = value;
    if (anew && !tables.asked.includes(name)) delete laid.written[name];
  }
}

function generationOf(tables, gpu) {
  return tables.options.gpu.find((option) => option.value === gpu).generation;
}

/** Every assumption as it lies: defaults, what choices supplied, what was written; a bitrate that is not written follows the frame. */
function settle(tables, laid, bitrates) {
  const supplied = Object.entries(laid.supplied).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  const values = { ...DATA.defaults, ...Object.fromEntries(supplied), ...laid.written };
  for (const [name, value] of Object.entries(values)) if (value === null) values[name] = NaN; // JSON has no word for an unknown number
  const lies = (name) => Object.hasOwn(laid.supplied, name) || Object.hasOwn(laid.written, name);
  if ((lies("width") || lies("height")) && !lies("bitrate")) {
    values.bitrate = (bitrates.find(([pixels]) => pixels >= values.width * values.height) ?? bitrates[bitrates.length - 1])[1];
  }
  const cache = laid.choices.step_cache;
  const few = cache !== tables.names.step_cache.default && !Object.hasOwn(laid.written, "cached_step_share") && values.steps <= tables.few_steps;
  const measured = tables.measured_steps[`${laid.choices.model}/${cache}`] ?? Infinity;
  if (few && measured > tables.few_steps) laid.refused ||= `${cache} was not measured at so few steps; choose no step cache`;
  return values;
}
