// The rule of the layers that only move numbers. rearrange.py and rearrange_moves.py say the same with the NumPy layers.

const range = (n) => [...Array(n).keys()];
const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));
const plain = (a) => JSON.stringify(a);
const MOST = 64;
const LAYERS = [
  ["Flatten", "channels_last"],
  ["Flatten", "channels_first"],
  ["Reshape", [2, 2, 4]],
  ["Reshape", [3, 2, 2]],
  ["Reshape", [3, 2]],
  ["Reshape", [-1, 2]],
  ["Permute", [2, 1]],
  ["Permute", [2, 1, 3]],
  ["Permute", [3, 1, 2]],
  ["Permute", [3, 2, 1]],
  ["RepeatVector", 3],
  ["ZeroPadding1D", [[2, 0]]],
  ["ZeroPadding2D", [[1, 1], [1, 1]]],
  ["Cropping1D", [[1, 0]]],
  ["Cropping2D", [[1, 1], [1, 0]]],
  ["UpSampling1D", [2]],
  ["UpSampling2D", [2, 2]],
];
const SHAPES = [[4], [2, 3], [3, 4], [4, 4, 1], [2, 2, 3], [3, 2, 2]];

function retrace(p, data, bug) {
  const sentence = refusal(p.layer, p.shape);
  if (sentence) return { error: sentence };
  const made = numbers(p, data, bug);
  const view = p.view === "backward" ? backward : forward;
  return {
    figure: "rearrange",
    title: call(p.layer),
    params: p,
    controls: controls(p),
    ...view(p, made, bug),
    code: code(p, made),
  };
}

// --- moves

const family = (kind) => (kind.endsWith("D") ? kind.slice(0, -2) : kind);
const onSpace = (kind) => ["ZeroPadding", "Cropping", "UpSampling"].includes(family(kind));

function call([kind, setting]) {
  if (kind === "Flatten") return setting === "channels_last" ? "Flatten()" : 'Flatten(data_format="channels_first")';
  if (kind === "RepeatVector") return `RepeatVector(${setting})`;
  if (family(kind) === "UpSampling") return `${kind}(${short(setting)})`;
  if (onSpace(kind)) {
    if (new Set(setting.flat()).size === 1) return `${kind}(${setting[0][0]})`;
    const pairs = setting.map(sizeText);
    return `${kind}(${pairs.length === 1 ? pairs[0] : sizeText(pairs)})`;
  }
  return `${kind}(${sizeText(setting)})`;
}

function refusal(move, shape) {
  const [kind, setting] = move;
  const [rank, size] = [shape.length, product(shape)];
  const said = `x ${sizeText(shape)}`;
  if (kind === "Reshape") {
    const known = product(setting.filter((n) => n !== -1));
    if (setting.includes(-1) ? size % known : size !== known) {
      return `${said} holds ${size} numbers, which do not fill ${sizeText(setting)}.`;
    }
  } else if (kind === "Permute" && setting.length !== rank) {
    return `${call(move)} takes an input with ${setting.length} axes besides the batch; ${said} has ${rank}.`;
  } else if (kind === "RepeatVector" && rank !== 1) {
    return `RepeatVector takes a vector, one axis besides the batch; ${said} has ${rank}.`;
  } else if (onSpace(kind)) {
    if (rank !== setting.length + 1) {
      const takes = setting.length === 1 ? "(steps, channels)" : "(rows, columns, channels)";
      return `${kind} takes ${takes}; ${said} has ${rank} ${rank === 1 ? "axis" : "axes"}.`;
    }
    if (family(kind) === "Cropping" && setting.some((pair, a) => shape[a] <= total(pair))) {
      return `${call(move)} leaves nothing of ${said}.`;
    }
  }
  if (product(shapeOf(move, shape)) > MOST) {
    return `The output would have more than ${MOST} numbers, too many to draw.`;
  }
  return null;
}

function shapeOf([kind, setting], shape) {
  if (kind === "Flatten") return [product(shape)];
  if (kind === "Reshape") {
    const known = product(setting.filter((n) => n !== -1));
    return setting.map((n) => (n === -1 ? product(shape) / known : n));
  }
  if (kind === "Permute") return setting.map((d) => shape[d - 1]);
  if (kind === "RepeatVector") return [setting, ...shape];
  const change = {
    ZeroPadding: (n, pair) => n + total(pair),
    Cropping: (n, pair) => n - total(pair),
    UpSampling: (n, factor) => n * factor,
  }[family(kind)];
  return [...setting.map((s, a) => change(shape[a], s)), shape[shape.length - 1]];
}

// The flat places of an array of this shape, read with its axes in another order, row by row.
const order = (shape, axes) =>
  cells(axes.map((a) => shape[a])).map((index) => ravel(shape.map((_, a) => index[axes.indexOf(a)]), shape));

// For each place of the output, row by row, the place in x that its number comes from; null for a zero.
function source(move, shape) {
  const [kind, setting] = move;
  const size = product(shape);
  if (kind === "Permute") return order(shape, setting.map((d) => d - 1));
  if (setting === "channels_first" && shape.length > 1) return order(shape, [...range(shape.length).slice(1), 0]);
  if (kind === "Flatten" || kind === "Reshape") return range(size);
  if (kind === "RepeatVector") return range(size * setting).map((k) => k % size);
  return cells(shapeOf(move, shape)).map((index) => spaced(move, shape, index));
}

// The same by a wrong rule.
function bent(move, shape, bug) {
  const [kind, setting] = move;
  const target = shapeOf(move, shape);
  const [rank, size] = [shape.length, product(shape)];
  const straight = range(rank);
  const turned = [...straight].reverse();
  const written = order(target, range(target.length).reverse());
  if (bug === "written") return range(size).map((k) => written.indexOf(k));
  if (bug === "columns") {
    const read = order(shape, turned);
    return range(size).map((k) => read[written.indexOf(k)]);
  }
  if (bug === "kept") return order(shape, straight);
  const permutes = kind === "Permute";
  const axes = {
    read: turned,
    reversed: turned,
    front: [rank - 1, ...straight.slice(0, -1)],
    zero: permutes ? setting.map((d) => d % rank) : straight,
    inverse: permutes ? straight.map((d) => setting.indexOf(d + 1)) : straight,
  };
  if (bug in axes) return order(shape, axes[bug]);
  if (bug === "each") return range(size * setting).map((k) => Math.floor(k / setting));
  if (bug === "few") return range(size * setting).map((k) => (k < size * (setting - 1) ? k % size : null));
  if (bug === "shifted") return range(size * setting).map((k) => (k + Math.floor(k / size)) % size);
  return cells(target).map((index) => spaced(move, shape, index, bug));
}

// The place in x for one index of an output whose space was padded, cropped or grown.
function spaced([kind, setting], shape, index, bug) {
  const at = [...index];
  for (const [a, s] of setting.entries()) {
    if (family(kind) === "UpSampling") {
      at[a] = bug === "tiled" ? index[a] % shape[a] : Math.floor(index[a] / s);
      if (bug === "zeros" && index[a] % s) return null;
      continue;
    }
    const before = bug === "before" ? total(s) : bug === "after" ? 0 : s[0];
    at[a] = family(kind) === "Cropping" ? index[a] + before : index[a] - before;
    if (bug === "edge") at[a] = Math.min(Math.max(at[a], 0), shape[a] - 1);
    if (at[a] < 0 || at[a] >= shape[a]) return null;
  }
  return ravel(at, shape);
}

// --- numbers, panels

function numbers(p, given, bug) {
  const target = shapeOf(p.layer, p.shape);
  const sized = (entry, shape, first) => {
    const fits = entry && plain(entry.shape) === plain(shape);
    return { shape, data: fits ? [...entry.data] : range(product(shape)).map((k) => k + first) };
  };
  const bends = bug && p.view === "forward";
  return {
    move: p.layer,
    shape: p.shape,
    target,
    x: sized(given.x, p.shape, 0),
    dY: sized(given.dY, target, 1),
    source: bends ? bent(p.layer, p.shape, bug) : source(p.layer, p.shape),
    letters: cells(p.shape).map((index) => index[p.letters === "first" ? 0 : index.length - 1]),
  };
}

const marksOf = (made) => made.source.map((s) => (s === null ? null : made.letters[s]));
const KNOWN = [["feature"], ["step", "feature"], ["row", "column", "channel"]];
const axesOf = (shape) => KNOWN[shape.length - 1] ?? shape.map((_, k) => `axis ${k + 1},`);
const counted = (n) => ({ 0: range(n).map(String) });

// x[1, 2], the name of a cell; last axes of one cell are left out.
function place(name, flat, shape) {
  const index = unravel(flat, shape);
  while (index.length > 1 && shape[index.length - 1] === 1) index.pop();
  return `${name}[${index.join(", ")}]`;
}

// [axes, grid] of the output: the input's axes where they can be told, and the channels as blocks where they lead.
function drawn([kind, setting], shape, target) {
  if (kind === "RepeatVector") return [["copy", "feature"], undefined];
  if (kind === "Permute") {
    const names = axesOf(shape);
    return [setting.map((d) => names[d - 1]), setting[0] === 3 ? [1, 2] : undefined];
  }
  const leads = shape.length === 3 && target.length === 3 && target[0] === shape[2] && shape[2] !== target[2];
  if (kind === "Reshape" && leads) return [["channel", "row", "column"], [1, 2]];
  return [axesOf(target), undefined];
}

// The same of the input: with channels first these lead.
function taken([, setting], shape) {
  if (setting !== "channels_first" || shape.length === 1) return [axesOf(shape), undefined];
  return shape.length === 2 ? [["channel", "step"], undefined] : [["channel", "row", "column"], [1, 2]];
}

// --- forward

function forward(p, made) {
  const [axes, grid] = drawn(made.move, made.shape, made.target);
  const groups = marksOf(made);
  const n = groups.length;
  const [inner, cut] = taken(made.move, made.shape);
  const given = { edit: true, groups: made.letters, grid: cut };
  const panels = {
    x: panel("input", inner, made.x, "input", given),
    m: panel("the output in memory", ["place"], blank([n]), "middle", { names: counted(n), groups }),
    y: panel("output", axes, blank(made.target), "result", { groups, grid }),
  };
  const frames = made.source.flatMap((s, k) => {
    const note = s === null ? "a zero put in" : `from ${place("x", s, made.shape)}`;
    const [op, terms] = s === null ? ["sum", []] : ["copy", [["x", s]]];
    return [
      { to: ["m", k], op, terms, note, see: [["y", k]], phase: "m" },
      { to: ["y", k], op: "copy", terms: [["m", k]], note, see: s === null ? [] : [["x", s]], phase: "y" },
    ];
  });
  fill(panels, frames);
  return { panels, layout: [["x"], ["m"], ["y"]], frames, asks: asks(p, made), bugs: bugs(made.move, made.shape) };
}

function bugs([kind, setting], shape) {
  const [of, rank] = [family(kind), shape.length];
  const [several, first] = [rank > 1, setting === "channels_first"];
  return named([
    ["read", "x is read column by column", (of === "Flatten" || of === "Reshape") && several],
    ["written", "y is filled column by column", kind === "Reshape" && setting.length > 1],
    ["columns", "x is read and y filled column by column", kind === "Reshape" && several],
    ["front", "the channels are moved to the front first", setting === "channels_last" && rank === 3],
    ["front", "the last axis is moved to the front, not the first to the end", first && rank === 3],
    ["kept", "the channels are not moved last", first && several],
    ["kept", "only the shape changes and the order in memory stays", kind === "Permute"],
    ["zero", "dims are counted from 0", kind === "Permute"],
    ["inverse", "dims say where an axis goes, instead of where it comes from", kind === "Permute"],
    ["reversed", "the order of all axes is reversed", kind === "Permute"],
    ["each", "each number is repeated, instead of the whole vector", kind === "RepeatVector"],
    ["few", "there is one copy too few, and zeros in its place", kind === "RepeatVector"],
    ["shifted", "each copy begins one number later", kind === "RepeatVector"],
    ["after", "all zeros are put behind", of === "ZeroPadding"],
    ["before", "all zeros are put in front", of === "ZeroPadding"],
    ["edge", "the border is repeated, instead of zeros put in", of === "ZeroPadding"],
    ["after", "all is cut off the end", of === "Cropping"],
    ["before", "all is cut off the beginning", of === "Cropping"],
    ["tiled", "the whole is repeated, instead of each cell", of === "UpSampling"],
    ["zeros", "zeros stand between the cells, instead of copies", of === "UpSampling"],
  ]);
}

const LANDS = {
  Reshape: "The order in memory stays.",
  Permute: "The indices change places as dims says; the numbers follow.",
  RepeatVector: "Each copy is the whole vector, in its order.",
  ZeroPadding: "The zeros put in before it move it on.",
  Cropping: "What is cut off before it moves it back.",
  UpSampling: "The copies of a cell stand beside it.",
};
const SIZES = {
  Flatten: "All sizes multiplied.",
  Reshape: "-1 stands for what is left when all numbers are to have a place.",
  Permute: "Entry k of dims says which axis of x becomes axis k of y, counted from 1.",
  RepeatVector: "The copies are a new axis in front of the features.",
  ZeroPadding: "Before and after are added on the axes of space. The last axis stays.",
  Cropping: "Before and after are taken off the axes of space. The last axis stays.",
  UpSampling: "The axes of space are multiplied. The last axis stays.",
};

function asks(p, made) {
  const [kind, setting] = made.move;
  const found = new Set(made.source.filter((s) => s !== null));
  const landed = [...found].sort((a, b) => a - b);
  const s = landed[Math.floor((2 * landed.length) / 3)];
  const answer = made.source.flatMap((from, k) => (from === s ? [["y", k]] : []));
  const which = answer.length === 1 ? "its cell of y." : "one of its cells of y.";
  const prompt = `Where does ${place("x", s, made.shape)} land? Select ${which}`;
  const asked = [{ kind: "cell", prompt, answer, why: whyThere(made, s) }];
  if (kind !== "Reshape" || setting.includes(-1)) {
    asked.push({
      kind: "shape",
      prompt: `x has shape ${sizeText(made.shape)}. What is the shape of y, without the batch axis?`,
      answer: made.target,
      why: SIZES[family(kind)],
    });
  }
  const straight = range(made.letters.length);
  if (["Flatten", "Reshape", "Permute"].includes(kind)) {
    const stays = plain(made.source) === plain(straight);
    asked.push({
      kind: "choice",
      prompt: "In memory, do the numbers of y stand in the same order as those of x?",
      options: ["yes", "no"],
      answer: stays ? 0 : 1,
      why: stays ? "y reads the same row by other sizes." : "The numbers had to be moved.",
    });
  }
  return [...asked, ...whichLayer(made, straight)];
}

function whyThere(made, s) {
  const [kind, setting] = made.move;
  if (kind === "Flatten" && setting === "channels_first") {
    return "The channels, here the first axis, go last, and then all is written row by row.";
  }
  if (kind === "Flatten" || kind === "Reshape") {
    return `${LANDS.Reshape} It is number ${s} there, counted from 0, before and after.`;
  }
  return LANDS[family(kind)];
}

// The question whether Reshape or Permute made a row, where the two differ: about the one that is not on view.
function whichLayer(made, straight) {
  const rank = made.shape.length;
  const dims = range(rank).map((a) => rank - a);
  const moved = order(made.shape, dims.map((d) => d - 1));
  if (rank < 2 || plain(moved) === plain(straight)) return [];
  const target = shapeOf(["Permute", dims], made.shape);
  const reshaped = made.move[0] === "Permute";
  const row = (reshaped ? straight : moved).slice(0, 6).join(", ");
  return [
    {
      kind: "choice",
      prompt:
        `Another layer makes shape ${sizeText(target)} of this x. In memory its output begins with what ` +
        `stood at places ${row} of x. Which layer is it?`,
      options: [call(["Reshape", target]), call(["Permute", dims])],
      answer: reshaped ? 0 : 1,
      why: reshaped ? "The order in memory stays: Reshape." : "The order in memory changes: Permute.",
    },
  ];
}

// --- backward

function backward(p, made, bug) {
  const [axes, grid] = drawn(made.move, made.shape, made.target);
  const groups = marksOf(made);
  const n = groups.length;
  const [inner, cut] = taken(made.move, made.shape);
  const panels = {
    dY: panel("gradient of y", axes, made.dY, "input", { edit: true, groups, grid }),
    m: panel("dY in memory", ["place"], blank([n]), "middle", { names: counted(n), groups }),
    dX: panel("gradient of x", inner, blank(made.shape), "gradient", { groups: made.letters, grid: cut }),
  };
  const sent = collected(made, bug);
  const homes = (k) => sent.flatMap((found, i) => (found.includes(k) ? [["dX", i]] : []));
  const frames = range(n).map((k) => ({ to: ["m", k], op: "copy", terms: [["dY", k]], see: homes(k), phase: "m" }));
  sent.forEach((found, i) => {
    const see = found.map((k) => ["dY", k]);
    const op = found.length === 1 ? "copy" : "sum";
    const frame = { to: ["dX", i], op, terms: found.map((k) => ["m", k]), see, phase: "dX" };
    frames.push(bug === "mean" ? { ...frame, op: "mean", n: found.length } : frame);
  });
  fill(panels, frames);
  return {
    panels,
    layout: [["dY"], ["m"], ["dX"]],
    frames,
    asks: backAsks(p, made, collected(made)),
    bugs: backBugs(made.move, made.shape),
  };
}

// For each place of x, the places of y that hold a copy of it; with a bug, those the wrong rule collects from.
function collected(made, bug) {
  const places = range(made.letters.length);
  if (bug === "kept") return places.map((i) => [i]);
  if (bug === "again") return order(made.target, made.move[1].map((d) => d - 1)).map((k) => [k]);
  const bends = ["read", "columns", "after", "before", "edge"].includes(bug);
  const from = bends ? bent(made.move, made.shape, bug) : made.source;
  return places.map((i) => {
    const found = from.flatMap((s, k) => (s === i ? [k] : []));
    return bug === "first" ? found.slice(0, 1) : bug === "last" ? found.slice(-1) : found;
  });
}

function backBugs([kind], shape) {
  const [of, several] = [family(kind), shape.length > 1];
  const copies = of === "RepeatVector" || of === "UpSampling";
  return named([
    ["read", "x is filled column by column", (of === "Flatten" || of === "Reshape") && several],
    ["columns", "dY is read and dX filled column by column", kind === "Reshape" && several],
    ["kept", "only the shape goes back and the order in memory stays", kind === "Permute"],
    ["again", "the same dims are applied again, instead of the way back", kind === "Permute"],
    ["mean", "the gradients of the copies are averaged instead of added up", copies],
    ["first", "the first copy alone sends its gradient", copies],
    ["last", "the last copy alone sends its gradient", copies],
    ["after", "the gradients are read from the first cells on", of === "ZeroPadding"],
    ["before", "the gradients are read from the last cells", of === "ZeroPadding"],
    ["edge", "the zeros send their gradients to the border", of === "ZeroPadding"],
    ["after", "the gradients are put at the beginning", of === "Cropping"],
    ["before", "the gradients are put at the end", of === "Cropping"],
  ]);
}

function backAsks(p, made, found) {
  const [kind, setting] = made.move;
  const marked = Math.floor(found.length / 2);
  const sending = range(found.length).filter((i) => found[i].length);
  const i = sending[Math.floor((2 * sending.length) / 3)];
  const silent = found.flatMap((places, k) => (places.length ? [] : [["dX", k]]));
  const lost = made.source.flatMap((s, k) => (s === null ? [["dY", k]] : []));
  const one = "It went to one cell, and that cell's gradient comes back.";
  const asked = [
    {
      kind: "cell",
      prompt: `Which cell of dY sends its gradient to ${place("dX", i, made.shape)}? Select one.`,
      answer: found[i].map((k) => ["dY", k]),
      why: "The gradient of a number goes back to where the number came from.",
    },
    {
      kind: "number",
      prompt: "Which number arrives in the marked cell of dX?",
      answer: total(found[marked].map((k) => made.dY.data[k])),
      why: ["It was cut off: nothing comes back.", one][found[marked].length] ?? "The gradients of all its copies, added up.",
      at: ["dX", marked],
    },
  ];
  const cell = (prompt, answer, why) => answer.length && asked.push({ kind: "cell", prompt, answer, why });
  const cut = "It was cut off. Nothing that follows depends on it.";
  cell("Select a cell of dX that gets 0, whatever dY is.", silent, cut);
  const put = "A zero was put in there. It came from no number of x.";
  cell("Select a cell of dY whose gradient goes nowhere.", lost, put);
  if (["RepeatVector", "UpSampling"].includes(family(kind))) {
    const prompt = "Suppose every number of dY is 1. Which number stands in each cell of dX?";
    asked.push({ kind: "number", prompt, answer: found[0].length, why: "One for each copy." });
  }
  const back = kind === "Permute" ? setting.map((_, a) => setting.indexOf(a + 1) + 1) : setting;
  if (plain(back) !== plain(setting)) {
    asked.push({
      kind: "choice",
      prompt: "Which layer takes dY the way back?",
      options: [call([kind, back]), call([kind, setting])],
      answer: 0,
      why: "Axis 1 of x stands in y where dims has a 1, and so on: the inverse order.",
    });
  }
  return asked;
}

// --- settings, code

function controls(p) {
  const added = (known, value) => (known.some((one) => plain(one) === plain(value)) ? known : [...known, value]);
  const [layers, sizes] = [added(LAYERS, p.layer), added(SHAPES, p.shape)];
  const choice = (name, label, options, labels, more) => ({ name, label, kind: "choice", options, labels, ...more });
  return [
    choice("view", "direction", ["forward", "backward"], ["forward", "backward"], { look: "switch" }),
    choice("layer", "layer", layers, layers.map(call)),
    choice("shape", "shape of x", sizes, sizes.map(sizeText)),
    choice("letters", "letters by", ["first", "last"], ["first axis of x", "last axis of x"]),
  ];
}

function code(p, made) {
  const [kind] = made.move;
  const text = ({ shape, data }) => arrayCode(data, [1, ...shape]);
  const layer = [`layer = ${call(made.move)}`, `x = ${text(made.x)}`];
  const own = ["import numpy as np", `from byhand.layers import ${kind}`, "", ...layer, "y = layer(x)"];
  let keras = ["import numpy as np", `from keras.layers import ${kind}`, "", ...layer, "y = layer(x)"];
  if (p.view === "backward") {
    const dy = `dy = ${text(made.dY)}`;
    own.push(dy, "dx = layer.backward(dy)");
    const tape = [
      dy,
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      "    y = layer(x)",
      "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
    ];
    const start = ["import numpy as np", "import tensorflow as tf", `from tensorflow.keras.layers import ${kind}`, ""];
    keras = [...start, ...layer, ...tape];
  }
  return { keras: keras.join("\n"), numpy: own.join("\n") };
}
