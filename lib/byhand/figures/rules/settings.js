// Settings of layers as a reader types them and as Keras reads them, and the sentences for what is none.
// KINDS, which calculator.py writes in front, says which layers there are, with their settings and defaults.

const AXES = { 1: ["steps"], 2: ["height", "width"], 3: ["depth", "height", "width"] };

// ------------------------------------------------------------------------------------------------ texts and values

// What stands in a field, as a value: a whole number, a list (of lists), null for nothing, or the text if it is none.
function parse(text) {
  const plain = text.trim().replace(/[x×，]/g, ",").replace(/−/g, "-").replace(/\(/g, "[").replace(/\)/g, "]");
  const fits = (v) => (Array.isArray(v) ? v.every(fits) : typeof v === "number");
  if (!plain) return null;
  try {
    const value = JSON.parse(`[${plain}]`.replace(/,\s*\]/g, "]"));
    return fits(value) && value.length ? (value.length === 1 ? value[0] : value) : text.trim();
  } catch {
    return text.trim();
  }
}

const part = (v) => (Array.isArray(v) ? sizeText(v.map(part)) : v === null ? "" : String(v));
const shownAs = (v) => (Array.isArray(v) && v.length > 1 ? v.map(part).join(", ") : part(v));

// (3, 3) as 3, and ((1, 1), (2, 2)) as (1, 2): the shortest that Keras reads as the same.
function shortest(v) {
  if (!Array.isArray(v)) return v;
  const inner = v.map(shortest);
  const numbers = inner.every((n) => typeof n === "number");
  if (!numbers) return v;
  return new Set(inner).size === 1 ? inner[0] : inner;
}

const python = (v) =>
  v === null ? "None" : typeof v === "boolean" ? (v ? "True" : "False") : typeof v === "string" ? `"${v}"` : part(v);

const SEQUENCES = ["target_shape", "dims"]; // (7, 7) is not 7 here
const spelled = (name, v) => python(SEQUENCES.includes(name) ? v : shortest(v));

// Conv2D(6, 5, padding="same"): what differs from the defaults.
function keras({ layer, ...given }) {
  const { lead, defaults } = KINDS[layer];
  const differs = (name) => spelled(name, given[name]) !== spelled(name, defaults[name]);
  const rest = Object.keys(defaults).filter((name) => name in given && differs(name));
  const named = rest.map((name) => `${name}=${spelled(name, given[name])}`);
  return `${layer}(${[...lead.map((name) => spelled(name, given[name])), ...named].join(", ")})`;
}

const program = ({ input, lines }) =>
  `from keras import Input, Sequential, layers\n\nmodel = Sequential([\n    Input(${part([input].flat())}),\n${lines
    .map((line) => `    layers.${keras(line)},\n`)
    .join("")}])\nmodel.summary()\n`;

// ------------------------------------------------------------------------------------------------------- refusals

function refuse(at, text) {
  throw { at, text };
}

const now = (v) => (v === null || v === undefined ? "; the field is empty." : `; “${shownAs(v)}” is none.`);
const isWhole = (v, least) => Number.isInteger(v) && v >= least;

function whole(given, name) {
  if (!isWhole(given[name], 1)) refuse(name, `${name} is a whole number of at least 1${now(given[name])}`);
  return given[name];
}

function sizes(given, name, rank, least = 1) {
  const all = Array.isArray(given[name]) ? given[name] : Array(rank).fill(given[name]);
  if (all.length === rank && all.every((n) => isWhole(n, least))) return all;
  const several = rank > 1 ? `, or ${rank} of them (${AXES[rank].join(", ")})` : "";
  return refuse(name, `${name} is a whole number of at least ${least}${several}${now(given[name])}`);
}

function choice(given, name, options) {
  if (!options.includes(given[name])) refuse(name, `${name} is one of ${options.join(", ")}${now(given[name])}`);
  return given[name];
}

// [before, after] for each axis, from a number, a number for each axis, or a pair for each axis.
function pairs(given, name, rank) {
  const v = given[name];
  const all = typeof v === "number" ? Array(rank).fill(v) : rank === 1 ? [v] : v;
  const both = (p) => (Array.isArray(p) ? p : [p, p]);
  const good = Array.isArray(all) && all.length === rank;
  if (good && all.every((p) => both(p).length === 2 && both(p).every((n) => isWhole(n, 0)))) return all.map(both);
  const such = rank === 1 ? "or two (before, after)" : `or a pair (before, after) for each of ${AXES[rank].join(", ")}`;
  return refuse(name, `${name} is a whole number of at least 0, ${such}${now(v)}`);
}
