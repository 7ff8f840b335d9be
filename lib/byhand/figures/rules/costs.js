// What a stack of layers costs, line by line: the same numbers as costs.py, and every rule spelled out with them.
// arrays.js, windows.js and settings.js stand before it.

const fmt = (n) => n.toLocaleString("en-US");
const times = (factors) => factors.join("×");
const equation = (text, n) => (text === String(n) ? fmt(n) : `${text} = ${fmt(n)}`);

// ---------------------------------------------------------------------------------------------------- the windows

// One text for all axes where they agree: "height and width: 28/2 = 14".
function alongAxes(rank, texts) {
  const names = AXES[rank];
  if (new Set(texts).size === 1) return [`${names.join(rank === 2 ? " and " : ", ")}: ${texts[0]}`];
  return names.map((name, a) => `${name}: ${texts[a]}`);
}

// Windows over the space: how many fit, and the rule in numbers.
function fitting(name, space, size, strides, dilation, padding) {
  const rank = space.length;
  const spans = size.map((k, a) => (k - 1) * dilation[a] + 1);
  const out = space.map((n, a) => outputLength(n, size[a], strides[a], padding, dilation[a]));
  const tight = out.findIndex((n) => n < 1);
  if (tight >= 0) {
    const wide = spans[tight] > size[tight] ? ` with this dilation spans ${spans[tight]} cells and` : "";
    const room = `the ${space[tight]} of ${AXES[rank][tight]}`;
    refuse(name, `${name} ${size[tight]}${wide} does not fit into ${room}; take less, or padding "same".`);
  }
  const text = space.map((n, a) =>
    padding === "valid" ? `floor((${n} − ${spans[a]})/${strides[a]}) + 1 = ${out[a]}` : `ceil(${n}/${strides[a]}) = ${out[a]}`,
  );
  const spread = spanText(size, spans, dilation);
  return { out, rule: [...spread, ...alongAxes(rank, text)], steps: spans.map((n, a) => [n, strides[a], 1]) };
}

function spanText(size, spans, dilation) {
  const wide = spans.findIndex((n, a) => n > size[a]);
  if (wide < 0) return [];
  return alongAxes(size.length, size.map((k, a) => `a kernel spans (${k} − 1)×${dilation[a]} + 1 = ${spans[a]}`));
}

// The settings that every layer with a kernel has.
function kernelOf(given, rank, paddings = ["valid", "same"]) {
  const [size, strides] = ["kernel_size", "strides"].map((name) => sizes(given, name, rank));
  const padding = choice(given, "padding", paddings);
  return { size, strides, padding, dilation: sizes(given, "dilation_rate", rank) };
}

function notBoth({ strides, dilation }) {
  if (Math.max(...strides) > 1 && Math.max(...dilation) > 1) {
    refuse("dilation_rate", "strides and dilation_rate cannot both be above 1; leave one of them at 1.");
  }
}

// --------------------------------------------------------------------------------------------------- the families

// What a layer does to (space, channels): {out, channels, rule, steps}, and if it has weights {kernels: the shapes of
// its kernels, bias: how many, from: positions that each weight meets, those of the output if it is not said}.
const FAMILIES = {
  conv(given, space, channels) {
    const rank = space.length;
    const filters = whole(given, "filters");
    const window = kernelOf(given, rank, given.layer === "Conv1D" ? ["valid", "same", "causal"] : undefined);
    const groups = whole(given, "groups");
    notBoth(window);
    if (filters % groups) refuse("groups", `${groups} groups do not divide the ${filters} filters.`);
    if (channels % groups) refuse("groups", `${groups} groups do not divide the ${channels} channels that come in.`);
    const made = fitting("kernel_size", space, window.size, window.strides, window.dilation, window.padding);
    const seen = groups > 1 ? `${channels}/${groups}` : channels;
    return { ...made, channels: filters, kernels: [[...window.size, seen, filters]], bias: filters };
  },

  transpose(given, space, channels) {
    const rank = space.length;
    const filters = whole(given, "filters");
    const window = kernelOf(given, rank);
    const { size, strides, dilation, padding } = window;
    const more = given.output_padding === null ? null : sizes(given, "output_padding", rank, 0);
    if (more?.some((p, a) => p >= strides[a])) refuse("output_padding", "output_padding is less than strides.");
    notBoth(window);
    const spans = size.map((k, a) => (k - 1) * dilation[a] + 1);
    const along = space.map((n, a) => {
      const [s, k] = [strides[a], spans[a]];
      if (!more && padding === "same") return [n * s, `${n}×${s}`];
      if (!more) return [n * s + Math.max(k - s, 0), `${n}×${s} + max(${k} − ${s}, 0)`];
      const cut = padding === "same" ? 2 * Math.floor(k / 2) : 0;
      const text = `(${n} − 1)×${s} + ${k} + ${more[a]}${padding === "same" ? ` − 2×floor(${k}/2)` : ""}`;
      return [(n - 1) * s + k + more[a] - cut, text];
    });
    const out = along.map(([n]) => n);
    if (Math.min(...out) < 1) refuse("output_padding", "Nothing is left of the output; leave output_padding empty.");
    const rule = [...spanText(size, spans, dilation), ...alongAxes(rank, along.map(([n, text]) => `${text} = ${n}`))];
    const steps = spans.map((n, a) => [n, 1, strides[a]]);
    return { out, channels: filters, rule, steps, kernels: [[...size, filters, channels]], bias: filters, from: space };
  },

  depthwise(given, space, channels) {
    const window = kernelOf(given, space.length);
    const m = whole(given, "depth_multiplier");
    const made = fitting("kernel_size", space, window.size, window.strides, window.dilation, window.padding);
    const rule = [...made.rule, `channels: ${channels}×${m} = ${channels * m}`];
    return { ...made, rule, channels: channels * m, kernels: [[...window.size, channels, m]], bias: channels * m };
  },

  separable(given, space, channels) {
    const filters = whole(given, "filters");
    const window = kernelOf(given, space.length);
    const m = whole(given, "depth_multiplier");
    const made = fitting("kernel_size", space, window.size, window.strides, window.dilation, window.padding);
    const kernels = [[...window.size, channels, m], [channels * m, filters]];
    return { ...made, channels: filters, kernels, bias: filters };
  },

  pool(given, space, channels) {
    const size = sizes(given, "pool_size", space.length);
    const strides = given.strides === null ? size : sizes(given, "strides", space.length);
    const padding = choice(given, "padding", ["valid", "same"]);
    return { ...fitting("pool_size", space, size, strides, space.map(() => 1), padding), channels };
  },

  global(given, space, channels) {
    const out = given.keepdims ? space.map(() => 1) : null;
    return { out, channels, rule: ["one number for each channel"], all: true };
  },

  up(given, space, channels) {
    const size = given.layer === "UpSampling1D" ? [whole(given, "size")] : sizes(given, "size", space.length);
    const out = space.map((n, a) => n * size[a]);
    const rule = alongAxes(space.length, space.map((n, a) => `${n}×${size[a]} = ${out[a]}`));
    return { out, channels, rule, steps: size.map((n) => [n, 1, n]) };
  },

  pad(given, space, channels) {
    const widths = pairs(given, "padding", space.length);
    const out = space.map((n, a) => n + total(widths[a]));
    const rule = alongAxes(space.length, space.map((n, a) => `${n} + ${widths[a].join(" + ")} = ${out[a]}`));
    return { out, channels, rule, steps: space.map(() => [1, 1, 1]) };
  },

  crop(given, space, channels) {
    const widths = pairs(given, "cropping", space.length);
    const out = space.map((n, a) => n - total(widths[a]));
    const none = out.findIndex((n) => n < 1);
    if (none >= 0) refuse("cropping", `Nothing is left of the ${space[none]} of ${AXES[space.length][none]}; crop less.`);
    const rule = alongAxes(space.length, space.map((n, a) => `${n} − ${widths[a].join(" − ")} = ${out[a]}`));
    return { out, channels, rule, steps: space.map(() => [1, 1, 1]) };
  },
};

// What layers do that look at no space: {shape, made} of a shape; made as above, or `said` in the place of its counts.
const PLAIN = {
  flatten: (given, shape) => ({ shape: [product(shape)], made: { rule: [equation(times(shape), product(shape))] } }),

  dense(given, shape) {
    const units = whole(given, "units");
    const made = { rule: [`the last axis becomes units: ${units}`], kernels: [[shape.at(-1), units]], bias: units };
    return { shape: [...shape.slice(0, -1), units], made: { ...made, from: shape.slice(0, -1) } };
  },

  each(given, shape) {
    const { rate } = given;
    if ("rate" in given && !(typeof rate === "number" && rate >= 0 && rate <= 1)) {
      refuse("rate", `rate is a number from 0 to 1${now(rate)}`);
    }
    return { shape, made: { rule: ["the shape stays"] } };
  },

  batch({ center, scale }, shape) {
    const [channels, weights] = [shape.at(-1), 2 + center + scale];
    const values = product(shape);
    return { shape, made: { rule: ["the shape stays"], said: {
      count: [weights * channels, values],
      parameters: equation(`${weights}×${channels}`, weights * channels),
      multiplications: equation(times(shape), values),
    } } };
  },

  reshape({ target_shape: target }, shape) {
    const good = Array.isArray(target) && target.length && target.every((n) => isWhole(n, 1) || n === -1);
    if (!good || target.filter((n) => n === -1).length > 1) {
      refuse("target_shape", `target_shape is a list of whole numbers of at least 1, of which one may be -1${now(target)}`);
    }
    const [size, known] = [product(shape), product(target.filter((n) => n !== -1))];
    const open = target.includes(-1);
    if (open ? size % known : size !== known) {
      refuse("target_shape", `The ${fmt(size)} numbers of ${sizeText(shape)} do not fill ${sizeText(target)}.`);
    }
    const rule = open ? `-1 is the rest: ${size}/${known} = ${fmt(size / known)}` : `${fmt(size)} numbers, in the same order`;
    return { shape: target.map((n) => (n === -1 ? size / known : n)), made: { rule: [rule] } };
  },

  permute({ dims }, shape) {
    const order = Array.isArray(dims) ? [...dims].sort((a, b) => a - b) : [];
    if (!order.length || !order.every((d, k) => d === k + 1)) {
      refuse("dims", `dims holds each of 1, 2, ... once; the batch axis is not counted${now(dims)}`);
    }
    if (dims.length !== shape.length) {
      refuse("dims", `dims ${sizeText(dims)} takes ${dims.length} axes; it gets ${sizeText(shape)}.`);
    }
    return { shape: dims.map((d) => shape[d - 1]), made: { rule: dims.map((d, k) => `axis ${k + 1} is what was axis ${d}`) } };
  },

  repeat(given, shape) {
    const n = whole(given, "n");
    if (shape.length !== 1) refuse("layer", `RepeatVector takes (features,); it gets ${sizeText(shape)}.`);
    return { shape: [n, ...shape], made: { rule: [`the same ${shape[0]} numbers at each of ${n} steps`] } };
  },
};
const REARRANGED = ["reshape", "permute", "repeat"]; // behind them the axes are no longer those of the input

// (space, channels) of a shape, for a layer on `rank` axes of space.
function split({ layer, data_format }, rank, shape) {
  const axes = data_format === "channels_first" ? ["channels", ...AXES[rank]] : [...AXES[rank], "channels"];
  if (shape.length !== rank + 1) refuse("layer", `${layer} takes (${axes.join(", ")}); it gets ${sizeText(shape)}.`);
  return data_format === "channels_first" ? [shape.slice(1), shape[0]] : [shape.slice(0, -1), shape.at(-1)];
}

const join = ({ data_format }, space, channels) =>
  data_format === "channels_first" ? [channels, ...space] : [...space, channels];

// ------------------------------------------------------------------------------------------------------ the stack

// {shape, made} of one layer on `shape`; made as in FAMILIES.
function apply(given, shape) {
  if (!KINDS[given.layer]) refuse("layer", `There is no layer ${given.layer} here.`);
  const { family, rank } = KINDS[given.layer];
  if ("data_format" in given) choice(given, "data_format", ["channels_last", "channels_first"]);
  if (PLAIN[family]) return PLAIN[family](given, shape);
  const [space, channels] = split(given, rank, shape);
  const made = FAMILIES[family](given, space, channels);
  return { shape: made.out ? join(given, made.out, made.channels) : [made.channels], made: { from: made.out, ...made } };
}

// How many cells of the first input, side by side, one number of the last output sees at most.
const cellsSeen = (steps) =>
  [...steps].reverse().reduce((seen, [span, down, up]) => Math.floor(((seen - 1) * down + span - 1) / up) + 1, 1);

const gcd = (a, b) => (b ? gcd(b, a % b) : a);

// [cells, of so many parts]: how far neighbours of the output lie apart in the first input.
function jumpOf(steps) {
  const [down, up] = [1, 2].map((k) => product(steps.map((step) => step[k])));
  return [down / gcd(down, up), up / gcd(down, up)];
}

const fraction = ([a, b]) => (b === 1 ? String(a) : `${a}/${b}`);

function fieldText(rank, before, steps, field) {
  if (steps.some((along) => along.some(([, , up]) => up > 1))) {
    return alongAxes(rank, field.map((n) => `up to ${n} of the input's cells`));
  }
  return alongAxes(rank, steps.map((along, a) => {
    const [span] = along.at(-1);
    return span === 1 ? `${field[a]}, as before` : `${before[a]} + (${span} − 1)×${jumpOf(along.slice(0, -1))[0]} = ${field[a]}`;
  }));
}

function countText({ kernels = [], bias, from, said }, useBias) {
  if (said) return said;
  if (!kernels.length) return { parameters: "0: it has no weights", multiplications: "0: it multiplies by no weight" };
  const value = (f) => (typeof f === "string" ? f.split("/").reduce((a, b) => a / b) : f);
  const weights = total(kernels.map((k) => product(k.map(value))));
  const text = kernels.map(times).join(" + ");
  const all = weights + (useBias ? bias : 0);
  const many = weights * product(from);
  const inner = kernels.length > 1 ? `(${text})` : text;
  return {
    count: [all, many],
    parameters: equation(useBias ? `${text} + ${bias}` : text, all),
    multiplications: equation(from.length ? `${times(from)} × ${inner}` : inner, many),
  };
}

// The lines of a stack: {shape, parameters, multiplications, values, field, jump, said: {name: texts}}, and from the
// first that does not fit {error: {at, text}}, then {waits: true}. An input that is none: one error at "input".
function follow({ input, lines }) {
  const start = [input].flat();
  if (!start.length || start.length > 4 || !start.every((n) => isWhole(n, 1))) {
    return { error: { at: "input", text: `The input is one to four whole numbers of at least 1, such as 28, 28, 1${now(input)}` } };
  }
  const rank = start.length - 1;
  let [shape, space, flat, field] = [start, start.slice(0, -1), !rank, Array(rank).fill(1)];
  const steps = space.map(() => []);
  const found = [];
  let tracked = true;
  for (const given of lines) {
    if (found.at(-1)?.error || found.at(-1)?.waits) {
      found.push({ waits: true });
      continue;
    }
    try {
      if ((given.activation ?? null) !== null) choice(given, "activation", ACTIVATIONS);
      const next = apply(given, shape);
      const { made } = next;
      const { family } = KINDS[given.layer];
      tracked &&= !REARRANGED.includes(family);
      if (family === "flatten") space = given.data_format === "channels_first" ? shape.slice(1) : shape.slice(0, -1);
      else if (tracked && !PLAIN[family]) [space] = split(given, rank, shape);
      const all = made.all || (family === "dense" && flat);
      steps.forEach((along, a) => along.push(all ? [space[a], space[a], 1] : made.steps?.[a] || [1, 1, 1]));
      const before = field;
      field = steps.map(cellsSeen);
      const { count = [0, 0], ...texts } = countText(made, given.use_bias);
      const [parameters, multiplications] = count;
      shape = next.shape;
      const values = product(shape);
      const near = tracked ? { field, jump: flat || shape.length === 1 ? [] : steps.map(jumpOf).map(fraction) } : { field: [], jump: [] };
      if (![parameters, multiplications, values, ...field, ...steps.flatMap(jumpOf)].every(Number.isSafeInteger)) {
        refuse("layer", "These numbers are too large to be shown exactly; take smaller ones.");
      }
      if (all) space = space.map(() => 1);
      flat ||= shape.length === 1;
      const said = { output: made.rule, ...texts, values: equation(times(shape), values) };
      if (rank && tracked) said.field = fieldText(rank, before, steps, field);
      found.push({ shape, parameters, multiplications, values, ...near, said });
    } catch (refused) {
      if (!refused.at) throw refused;
      found.push({ error: refused });
    }
  }
  return { start, lines: found };
}
