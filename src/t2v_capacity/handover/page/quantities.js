// Human quantities <-> numbers in base units: quantities.py and Assumption.read for a browser, which take and refuse the same texts.
// The tables come as UNITS, what is known of assumptions and figures as ABOUT; a test holds both sides to the same numbers.

/** Reads one value of an assumption as a person writes it: {value} in base units, or {error}, the sentence that says what to write. */
function readAssumption(name, text) {
  const about = ABOUT[name];
  let value = text === about.endless ? about.high : readQuantity(text, about);
  for (const bound of [about.low, about.high]) {
    if (isClose(value, bound)) value = bound;
  }
  // Users that grow to more than twice in a month were meant as a factor, or as percents.
  const factor = name === "growth_per_month" && value > 1 && !text.trimEnd().endsWith("%");
  if (about.low <= value && value <= about.high && (!about.whole || Number.isInteger(value)) && !factor) return { value };
  const kind = about.whole ? "whole number" : "value";
  return { error: `\`${name}\` can't be that; write a ${kind} such as ${about.example}, ${boundsOf(name)}` };
}

/** The bounds of an assumption in words. */
function boundsOf(name) {
  if (ABOUT[name].endless === "none") return `${showValue(name, ABOUT[name].low, { significant: 6 })} or more, or \`none\``;
  return `from ${[ABOUT[name].low, ABOUT[name].high].map((end) => showValue(name, end, { significant: 6 })).join(" to ")}`;
}

/** Whether two numbers are the same but for binary arithmetic: 99.9% is 0.9990000000000001. */
function isClose(x, y) {
  return x === y || (Number.isFinite(x) && Math.abs(x - y) <= 1e-12 * Math.max(Math.abs(x), Math.abs(y)));
}

/** Reads a quantity in the base of the unit that an assumption is in; NaN where it is none, a range or two ways to read it among them. */
function readQuantity(text, about) {
  const [, number, after] = /^([+-]?(?:\d+(?:_\d+)*)?(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?)[ \t\n\r\f\v]*([^]*)$/.exec(stripped(text));
  if (!/^[+-]?(?!0[\d_])[\d.]/.test(number) || /^\d/.test(after)) return NaN;
  const value = Number(number.replaceAll("_", ""));
  const rest = stripped(after);
  if (!rest) return about.bare || value === 0 ? value : NaN;
  const wanted = unitOf(about.unit);
  const needed = essential(wanted.dimensions);
  const plain = Object.keys(needed).length === 0;
  const [, head, tail] = /^([^ ]*) ?([^]*)$/.exec(rest);
  if ((plain || about.bare) && isCount(head) && (plain || !UNITS.prefixed.includes(head)) && (!tail || fits(tail, about.unit))) {
    return value * UNITS.counts[head] * (tail ? unitOf(tail).factor / wanted.factor : 1);
  }
  const unit = stripped(rest.slice(1));
  if (rest[1] === " " && isCount(rest[0]) && fits(unit, about.unit)) {
    return (value * UNITS.counts[rest[0]] * unitOf(unit).factor) / wanted.factor;
  }
  if (about.bare && about.unit.startsWith("USD/") && UNITS.dollars.includes(rest)) return value;
  if (Object.hasOwn(UNITS.durations, rest) && sameDimensions(needed, { s: 1 })) return (value * UNITS.durations[rest]) / wanted.factor;
  if (!fits(rest, about.unit) || (rest === "%" && !["share", "ratio"].includes(about.unit))) return NaN;
  return (value * unitOf(rest).factor) / wanted.factor;
}

const unitsRead = new Map();

/** A unit's factor to base units and its dimensions, or nothing where it is not a unit; read once, for a page shows it often. */
function unitOf(text) {
  if (!unitsRead.has(text)) unitsRead.set(text, readUnit(text));
  return unitsRead.get(text);
}

function readUnit(text) {
  let factor = 1;
  const powers = {};
  for (const [index, part] of text.split("/").entries()) {
    for (const name of stripped(part).split("-")) {
      const atom = unitAtom(stripped(name));
      if (!atom) return null;
      factor *= index === 0 ? atom[0] : 1 / atom[0];
      for (const [dimension, power] of Object.entries(atom[1])) {
        powers[dimension] = (powers[dimension] ?? 0) + (index === 0 ? power : -power);
      }
    }
  }
  return { factor, dimensions: Object.fromEntries(Object.entries(powers).filter(([, power]) => power !== 0)) };
}

/** The factor and dimensions of a unit's name, with or without a prefix; labels may stand in the plural. */
function unitAtom(name) {
  if (Object.hasOwn(UNITS.units, name)) return UNITS.units[name];
  for (const [prefix, factor] of Object.entries({ ...UNITS.iec, ...UNITS.si })) {
    const rest = name.slice(prefix.length);
    const known = Object.hasOwn(UNITS.iec, prefix) ? UNITS.binary : UNITS.prefixed;
    if (name.startsWith(prefix) && known.includes(rest)) return [factor * UNITS.units[rest][0], UNITS.units[rest][1]];
  }
  const word = name.toLowerCase();
  const one = Object.keys(UNITS.plurals).find((singular) => UNITS.plurals[singular] === word) ?? word;
  const spelled = [word, one, word.replace(/s$/, ""), word.replace(/es$/, ""), `${word.replace(/ies$/, "")}y`];
  const found = spelled.find((each) => UNITS.labels.includes(each));
  return found ? [1, { [found]: 1 }] : null;
}

/** The dimensions that must be written: labels such as user or frame may be left out. */
function essential(dimensions) {
  return Object.fromEntries(Object.entries(dimensions).filter(([dimension]) => !UNITS.labels.includes(dimension)));
}

/** Whether a quantity written in one unit can stand for one in another. */
function fits(written, wanted) {
  const found = unitOf(written)?.dimensions;
  if (!found) return false;
  const target = unitOf(wanted).dimensions;
  const needed = essential(target);
  const within = Object.entries(found).every(([dimension, power]) => target[dimension] === power);
  return sameDimensions(found, target) || sameDimensions(found, needed) || (within && sameDimensions(essential(found), needed));
}

/** Whether two units measure the same. */
function sameDimensions(some, others) {
  const powers = Object.entries(some);
  return powers.length === Object.keys(others).length && powers.every(([dimension, power]) => others[dimension] === power);
}

/** Whether a text is a count such as K or M; never one of the names that every object has. */
function isCount(text) {
  return Object.hasOwn(UNITS.counts, text);
}

/** A text without what Python calls white space around it: JavaScript's lacks the separators of ASCII, and has the byte order mark. */
function stripped(text) {
  const white = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
  return text.replace(new RegExp(`^${white}`), "").replace(new RegExp(`${white}$`), "");
}

/** The value of an assumption or a figure as a person reads it; `how` is that of `showQuantity`. */
function showValue(name, value, how = {}) {
  if (value === null || Number.isNaN(value)) return "none";
  const about = ABOUT[name];
  return value === about.high && about.endless ? about.endless : showQuantity(value, about.unit, how);
}

/** A value as it stands in an input: without what its unit is per, where that can be read back. */
function inputText(name, value, significant = 6) {
  if (Number.isNaN(value)) return "";
  const [brief, whole] = [true, false].map((short) => showValue(name, value, { significant, brief: short }));
  if (!ABOUT[name].bare && whole.includes("/") && !brief.includes("/")) return whole; // a price per GB is none without its GB
  const read = readAssumption(name, brief).value;
  return read === readAssumption(name, whole).value ? brief : whole;
}

/** A value in base units as a person reads it; `brief` leaves out labels and what it is per unless that is a multiple, `like` has the prefix, `exact` lets it have five digits. */
function showQuantity(value, wanted, { significant = UNITS.significant, brief = false, like = value, exact = true } = {}) {
  const shown = UNITS.shown_as[wanted] ?? wanted;
  const factor = unitOf(wanted).factor / unitOf(shown).factor;
  const [mass, ...rest] = shown.split("/");
  const [numerator, per] = mass === "kg" && Math.abs(like * factor) >= UNITS.tonne ? ["t", UNITS.tonne] : [mass, 1];
  const [amount, size] = [(value * factor) / per, (like * factor) / per];
  const below = rest.join("/");
  const multiple = below !== wanted.split("/").slice(1).join("/");
  const written = rest.length === 0 ? "" : `/${below.replaceAll("gpu", "GPU")}`;
  const tail = !brief || below === "s" ? written : multiple ? written.replace("Mrequest", "million requests") : "";
  if (numerator === "share") return `${digits((Math.abs(amount) >= UNITS.nothing ? amount : 0) * 100, significant, exact)}%${tail}`;
  if (numerator === "second" || numerator === "s") return showSeconds(amount, significant, size, exact) + tail;
  const symbol = UNITS.symbols[numerator];
  if (symbol) {
    const kilo = numerator === "byte" ? "K" : "k";
    const prefixes = { "": 1, ...Object.fromEntries([kilo, ..."MGTPE"].map((prefix) => [prefix, UNITS.si[prefix]])) };
    const prefix = prefixOf(size, prefixes, significant);
    return `${digits(amount / prefixes[prefix], significant, exact)} ${prefix}${symbol}${tail}`;
  }
  const counted = UNITS.counted.includes(numerator);
  const easy = counted && significant === UNITS.significant ? UNITS.easily_counted : UNITS.easily_read;
  const prefix = Math.abs(size) < easy && numerator !== "USD" ? "" : prefixOf(size, UNITS.amounts, significant);
  const text = `${digits(amount / UNITS.amounts[prefix], significant, exact && !(prefix && counted))}${prefix}`;
  const bare = numerator === "ratio" || numerator === "1" || (brief && UNITS.labels.includes(numerator));
  return bare ? text : `${text} ${labelFor(numerator, text)}${tail}`;
}

/** A value with as many more digits as it takes to tell it from a limit. */
function showApart(value, limit, unit, significant = UNITS.significant) {
  const shown = (amount) => showQuantity(amount, unit, { significant });
  while (shown(value) === shown(limit) && significant < 16) significant += 1;
  return shown(value);
}

/** A unit's label as it follows an amount. */
function labelFor(numerator, amount) {
  if (!UNITS.labels.includes(numerator.split("-")[0]) && numerator !== "day") return numerator;
  const word = numerator.replaceAll("gpu", "GPU");
  return amount === "1" ? word : (UNITS.plurals[word] ?? `${word}s`);
}

/** The largest prefix that leaves at least 1 of a value after rounding. */
function prefixOf(value, prefixes, significant) {
  const most = Math.max(Math.abs(rounded(value, significant)), 1);
  const possible = Object.entries(prefixes).filter(([, size]) => size <= most);
  return possible.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** A time in the unit that people use for one so long, or for another that is so long. */
function showSeconds(value, significant, like, exact) {
  const size = Math.abs(like);
  if (size < UNITS.nothing) return Math.abs(value) >= UNITS.nothing ? `${digits(value, significant, exact)} s` : "0 s";
  const day = UNITS.units.d[0];
  if (size >= UNITS.many_seconds) {
    const prefix = prefixOf(like / day, UNITS.amounts, significant);
    return `${digits(value / day / UNITS.amounts[prefix], significant, exact)}${prefix} d`;
  }
  const found = UNITS.times.find(([limit]) => size < limit);
  return found ? `${digits(value / found[1], significant, exact)} ${found[2]}` : `${digits(value / day, significant, exact)} d`;
}

/** A number with so many significant digits, never in exponents where it can be read without; where `exact`, five that are all of it. */
function digits(value, significant = UNITS.significant, exact = true) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const five = rounded(value, UNITS.all);
  const most = Math.max(Math.abs(five), Math.abs(value));
  const whole = exact && significant === UNITS.significant && Math.abs(five - value) <= UNITS.same * most;
  const places = whole ? UNITS.all : significant;
  const kept = whole ? five : rounded(value, significant);
  const size = Math.abs(kept);
  if (size >= 10 ** places && Math.abs(value) < UNITS.easily_read) return String(rounded(value, String(Math.trunc(Math.abs(value))).length));
  if (size >= 1e-4 && size < 1e16) return String(kept);
  const [mantissa, exponent] = kept.toExponential(places - 1).split("e");
  return `${Number(mantissa)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** A number rounded as its shortest decimal text is, halves away from zero, as Python does and a sheet can. */
function rounded(value, significant) {
  if (value === 0 || !Number.isFinite(value)) return value;
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e");
  const all = mantissa.replace(".", "");
  const kept = BigInt(all.slice(0, significant).padEnd(significant, "0")) + (all[significant] >= "5" ? 1n : 0n);
  return Math.sign(value) * Number(`${kept}e${Number(exponent) - significant + 1}`);
}

/** A text as a file would have it, where what a person typed has one meaning: 500,000, 500 000, $2, 2 USD, 1e6. */
function forgiven(name, text) {
  if ("value" in readAssumption(name, text)) return text;
  const about = ABOUT[name];
  let plain = stripped(text).replace(/(\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))/g, "$1");
  if (/^\$/.test(plain)) plain = stripped(plain.slice(1)) + (about.unit.startsWith("USD") ? " USD" : "");
  if (/^\d{1,3}(,\d{3})+(?![\d,])/.test(plain)) plain = plain.replace(/,(?=\d{3})/g, "");
  const money = plain.replace(/ ?(USD|\$|dollars?)$/i, "");
  const tried = [plain, `${money} USD`, money].find((one) => (one === plain || (about.unit.startsWith("USD") && one.startsWith(money))) && "value" in readAssumption(name, one));
  return tried ?? text;
}

/** What to say of a text that can be read in two ways; nothing of any other. */
function twofold(name, text) {
  const found = /^([\d.,]*\d)\s*([^\d]*)$/.exec(stripped(text));
  if (!found || !found[1].includes(",")) return "";
  const [, number, unit] = found;
  const readings = [number.replaceAll(".", "").replace(",", "."), number.replaceAll(",", "")].map(Number).filter(Number.isFinite);
  const different = [...new Set(readings)].map((value) => `${value}${unit && ` ${unit}`}`);
  return different.length > 1 && different.every((one) => "value" in readAssumption(name, one)) ? `\`${text}\` has two readings. Write ${different.join(" or ")}; example: ${ABOUT[name].example}` : "";
}
