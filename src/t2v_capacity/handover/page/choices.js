// Choices: the page's flags as one layer over the exported plan. What `Merge.lay` of load.py does, on tables that Python wrote.

/** The row of a choice's table for the options in force, unpacked into the value and the source of each name when it is first read. */
function rowOf(tables, name, chosen) {
  const table = tables.tables[name];
  table.places ??= table.of.map((choice) => new Map(tables.options[choice].map(({ value }, at) => [value, at])));
  const place = table.rows[table.of.reduce((at, choice, n) => at * table.places[n].size + table.places[n].get(chosen[choice]), 0)];
  const row = table.values[place];
  if (Array.isArray(row)) table.values[place] = Object.fromEntries(table.names.map((name, at) => [name, row.slice(2 * at, 2 * at + 2)]).filter(([, [, source]]) => Number.isInteger(source)));
  return typeof row === "string" && row.startsWith(" ") ? `\`${chosen.gpu}\`${row}` : table.values[place] ?? undefined;
}

/** What lies below, with a layer of choices and numbers over it; null takes a name away. `refused` says why it can't be. */
function lay(tables, below, layer) {
  const { choices, numbers } = layer;
  const was = below.choices;
  const merged = { choices: { ...was }, origins: { ...below.origins }, supplied: { ...below.supplied }, written: { ...below.written }, frames: { ...below.frames }, prices: { ...below.prices }, refused: "" };
  const chosen = merged.choices;
  for (const [name, option] of Object.entries(choices)) {
    chosen[name] = option ?? tables.names[name].default;
    merged.origins[name] = option === null ? "default" : "hand";
  }
  if (merged.origins.attention_kernel === "default") chosen.attention_kernel = impliedIn(tables.implied.kernel, chosen);
  for (const name of tables.accelerations) {
    const asked = Object.hasOwn(choices, name) || Object.hasOwn(choices, "model");
    if (asked && merged.origins[name] === "hand" && !rowOf(tables, name, chosen)) merged.refused ||= `${chosen[name]} is not in the catalogue for ${chosen.model}`;
  }
  const expanded = new Set(Object.keys(choices));
  for (const name of Object.keys(choices)) for (const made of imply(tables, below, merged, choices, name)) expanded.add(made);
  if (masks(tables, was) !== masks(tables, chosen)) expanded.add("attention_kernel");
  for (const name of expanded) expand(tables, merged, name, chosen[name] !== was[name]);
  for (const [name, value] of Object.entries(numbers)) {
    const owner = layer.owners?.[name] ?? chosen.gpu;
    const place = DATA.prices.includes(name) ? (merged.prices[owner] = { ...merged.prices[owner] }) : merged.written;
    if (value === null) delete place[name];
    else place[name] = value;
    merged.frames[name] = layer.frames?.[name];
  }
  // A named frame, such as 480p, is the model's own of that height.
  for (const [side, frame] of Object.entries(merged.frames)) {
    if (frame && isWritten({ merged }, side)) merged.written[side] = tables.frames[frame[0]]?.[chosen.model]?.[side === "width" ? 0 : 1] ?? frame[1];
  }
  // A price is of the GPU in force where it was written.
  for (const name of DATA.prices) delete merged.written[name];
  Object.assign(merged.written, merged.prices[chosen.gpu]);
  return merged;
}

/** What options imply by a table: by all of them, else by the first. */
function impliedIn({ of, rows }, chosen) {
  return rows[of.map((name) => chosen[name]).join("/")] ?? rows[chosen[of[0]]];
}

/** Make the choices that another one implies, where the layer itself doesn't; one that was made by hand stays where it can. */
function imply(tables, below, merged, asked, choice) {
  const anew = merged.choices[choice] !== below.choices[choice];
  const made = [];
  for (const table of (tables.implies[choice] ?? []).map((name) => tables.implied[name])) {
    const row = impliedIn(table, merged.choices);
    for (const [name, value] of Object.entries({ ...table.usual, ...(typeof row === "string" ? { [table.name]: row } : row) })) {
      const runs = name === "attention_kernel" && rowOf(tables, name, merged.choices) !== undefined;
      const stays = below.origins[name] === "hand" && (!anew || tables.accelerations.includes(name) || runs);
      if (Object.hasOwn(asked, name) || stays || (Object.hasOwn(table.usual, name) && value === merged.choices[name])) continue;
      merged.choices[name] = value;
      merged.origins[name] = "catalogue";
      made.push(name);
    }
  }
  return made;
}

/** Take the numbers that a choice supplies, in the place of written ones where it is another than before. */
function expand(tables, merged, choice, anew) {
  const supplied = {};
  for (const [name, nothing] of tables.supplies[choice]) {
    if (merged.choices[name] === nothing) continue;
    const row = rowOf(tables, name, { ...merged.choices, attention_kernel: pickedOf(tables, merged.choices) }) ?? `${merged.choices[name]} does not run on ${generationOf(tables, merged.choices.gpu)} GPUs`;
    if (typeof row === "string") merged.refused ||= row;
    else Object.assign(supplied, row);
  }
  for (const name of tables.optional[choice]) if (!Object.hasOwn(supplied, name)) delete merged.supplied[name];
  for (const [name, value] of Object.entries(supplied)) {
    const asked = tables.of_a_model.includes(name);
    if (asked && merged.origins[choice] === "default") delete merged.supplied[name];
    else if (anew || !asked) merged.supplied[name] = value;
    if (anew && !tables.asked.includes(name)) delete merged.written[name];
  }
}

/** Whether the model's code passes a mask to PyTorch's attention in this runtime. */
function masks({ own }, { model, runtime }) {
  return own.masked[model]?.includes(runtime) ?? false;
}

/** The kernel that runs: what a choice such as sdpa picks for a mask, or by itself. */
function pickedOf(tables, chosen) {
  const { calibrated, taken } = tables.own, kernel = chosen.attention_kernel;
  if (Object.hasOwn(calibrated, `${chosen.gpu}/${kernel}`)) return kernel;
  const picked = taken[`${generationOf(tables, chosen.gpu)}/${kernel}`];
  return picked?.[masks(tables, chosen) ? 1 : 0] ?? kernel;
}

function generationOf(tables, gpu) {
  return tables.options.gpu.find((option) => option.value === gpu).generation;
}

/** Every assumption as it lies: defaults, what choices supplied, what was written; a bitrate that is not written follows the frame. */
function settle(tables, merged, bitrates) {
  const supplied = Object.entries(merged.supplied).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  const values = { ...DATA.defaults, ...Object.fromEntries(supplied), ...merged.written };
  for (const [name, value] of Object.entries(values)) if (value === null) values[name] = NaN; // JSON has no word for an unknown number
  const lies = (name) => Object.hasOwn(merged.supplied, name) || isWritten({ merged }, name);
  if ((lies("width") || lies("height")) && !lies("bitrate")) {
    const pixels = values.width * values.height, step = bitrates.find(([most]) => pixels <= most) ?? bitrates[bitrates.length - 1];
    values.bitrate = step[1] * (pixels / step[0]) ** step[2];
  }
  const cache = merged.choices.step_cache;
  const few = cache !== tables.names.step_cache.default && !isWritten({ merged }, "cached_step_share") && values.steps <= tables.few_steps;
  const measured = tables.measured_steps[`${merged.choices.model}/${cache}`] ?? Infinity;
  if (few && measured > tables.few_steps) merged.refused ||= `${cache} was not measured at so few steps; choose no step cache`;
  return values;
}
