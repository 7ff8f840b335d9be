// The rule of the layers that make one array of two. merge.py, merge_plan.py and merge_asks.py say the same with NumPy.

const ELEMENTWISE = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"];
const LAYERS = [...ELEMENTWISE, "Concatenate", "Dot"];
const SHAPES = [[2, 3], [2, 1], [2, 2], [1, 3], [3], [2, 2, 3], [2, 1, 3], [2, 3, 2], [2, 2, 2]];
const NAMES = { 1: ["sample"], 2: ["sample", "feature"], 3: ["sample", "step", "feature"] };
const SIGNS = { Add: "+", Subtract: "−", Multiply: "×", Concatenate: "|", Dot: "·" };
const EXTREME = ["Maximum", "Minimum"];

const range = (n) => [...Array(n).keys()];
const alike = (a, b) => String(a) === String(b);
const mod = (axis, rank) => ((axis % rank) + rank) % rank;
const axesPair = (p) => (Array.isArray(p.axes) ? p.axes : [p.axes, p.axes]);

function retrace(p, data, bug) {
  const error = refusal(p);
  if (error) return { error };
  const plan = planOf(p);
  const given = numbers(p, plan, data);
  const [view, questions, wrong] =
    p.view === "backward" ? [backward, backAsks, backBugs] : [forward, forwardAsks, forwardBugs];
  const asks = questions(p, plan, view(p, plan, given).panels);
  const bugs = wrong(p, plan).flatMap(([name, label, there]) => (there ? [{ name, label }] : []));
  const made = view(p, plan, given, bug);
  return { figure: "merge", title: call(p), params: p, controls: controls(), ...made, asks, bugs, code: code(p, given) };
}

function numbers(p, plan, data) {
  const made = { a: { shape: p.a, data: fit(data.a, p.a) }, b: { shape: p.b, data: mirrored(data.b, p.b, 2) } };
  made.dY = { shape: plan.shape, data: mirrored(data.dY, plan.shape, 1) };
  return made;
}

// As `fit`, but filled up with `most` less the pattern: b and dY must not be a once more.
function mirrored(given, shape, most) {
  const old = given ? given.shape : [];
  const fresh = (k) => old.length !== shape.length || k.some((i, axis) => i >= old[axis]);
  const made = fit(given, shape);
  return cells(shape).map((k, i) => (fresh(k) ? most - pattern(k) : made[i]));
}

function drawn(label, array, role, more = {}) {
  const grid = array.shape.length === 3 ? [1, 2] : undefined;
  return panel(label, NAMES[array.shape.length], array, role, { grid, ...more });
}

const inputs = ({ a, b }) => ({
  a: drawn("first input", a, "input", { edit: true }),
  b: drawn("second input", b, "input", { edit: true }),
});

// ------------------------------------------------------------------------------------------- which cells meet

function planOf(p) {
  const plan = { p, shape: resultShape(p) };
  if (p.layer === "Dot") {
    const [a, b] = axesPair(p);
    plan.pair = { a: mod(a, p.a.length), b: mod(b, p.b.length) };
  } else if (p.layer === "Concatenate") {
    const axis = mod(p.axis, p.a.length);
    plan.pair = { a: axis, b: axis };
  } else plan.pairs = cells(plan.shape).map((k) => met(plan, k));
  return plan;
}

// What cell k of the result reads of each array. numpy: missing axes stand in front.
function met(plan, k, numpy) {
  return ["a", "b"].map((name) => {
    const shape = plan.p[name];
    const missing = plan.shape.length - shape.length;
    const kept = numpy ? k.slice(missing) : [k[0], ...k.slice(1 + missing)];
    return [name, ravel(shape.map((n, axis) => (n === 1 ? 0 : kept[axis])), shape)];
  });
}

// For each cell of the result the terms that make it.
function termsOf(plan, bug) {
  if (plan.p.layer === "Dot") return sums(plan, bug);
  if (plan.p.layer === "Concatenate") return joined(plan, bug).map((cell) => [cell]);
  return cells(plan.shape).map((k) => joint(plan, k, bug));
}

function joint(plan, k, bug) {
  let [a, b] = met(plan, k, bug === "numpy");
  if (bug === "first") b = met(plan, [0, ...k.slice(1)])[1];
  if (bug === "reversed") b = met(plan, [...k.slice(0, -1), plan.shape.at(-1) - 1 - k.at(-1)])[1];
  if (plan.p.layer === "Multiply") return [[...a, ...b]];
  if (plan.p.layer === "Subtract") return bug === "turned" ? [[...a, -1], b] : [a, [...b, -1]];
  return [a, b];
}

const stretched = (plan, names = ["a", "b"]) => names.some((name) => product(plan.p[name]) < product(plan.shape));

// Whether NumPy, with missing axes in front, reads other cells and comes to the same shape.
function fitsNumpy(plan) {
  const { a, b } = plan.p;
  if (a.length === b.length) return false;
  const shorter = a.length < b.length ? a : b;
  const behind = plan.shape.slice(plan.shape.length - shorter.length);
  return shorter.every((n, k) => n === 1 || n === behind[k]);
}

function joined(plan, bug) {
  const { p, pair } = plan;
  if (bug === "flat") return ["a", "b"].flatMap((name) => range(product(p[name])).map((i) => [name, i]));
  const along = (names) => names.flatMap((name) => range(p[name][pair.a]).map((k) => [name, k]));
  const row = along(bug === "exchanged" ? ["b", "a"] : ["a", "b"]);
  if (bug === "turns") row.sort((one, other) => one[1] - other[1] || (one[0] < other[0] ? -1 : 1));
  return cells(plan.shape).map((k) => {
    const [name, place] = row[k[pair.a]];
    return [name, ravel(k.map((i, axis) => (axis === pair.a ? place : i)), p[name])];
  });
}

// The axes of an array that Dot keeps, the batch aside, and their sizes.
const rest = (plan, name) => range(plan.p[name].length).filter((k) => k && k !== plan.pair[name]);
const kept = (plan, name) => rest(plan, name).map((k) => plan.p[name][k]);

function sums(plan, bug) {
  const { p } = plan;
  const found = [];
  for (const n of range(p.a[0])) {
    for (const i of cells(kept(plan, "a"))) {
      for (const j of cells(kept(plan, "b"))) {
        const [left, right] = bug === "exchanged" ? [j, i] : [i, j];
        const many = p.a[plan.pair.a] - (bug === "last");
        found.push(range(many).map((k) => {
          const a = at(plan, "a", n, left, k, bug === "axes");
          return ["a", a, "b", at(plan, "b", bug === "first" ? 0 : n, right, k), ...lengths(plan, n, left, right, bug)];
        }));
      }
    }
  }
  return found;
}

// The flat place in sample n of what stands at `place` of the kept axes and at k along the axis summed over.
function at(plan, name, n, place, k, other) {
  let [axis, others] = [plan.pair[name], rest(plan, name)];
  if (other) [axis, others] = [others[0], [axis]];
  const index = plan.p[name].map(() => 0);
  index[0] = n;
  index[axis] = k;
  place.forEach((i, m) => (index[others[m]] = i));
  return ravel(index, plan.p[name]);
}

function lengths(plan, n, i, j, bug) {
  if (!plan.p.normalize || plan.p.view === "backward" || bug === "lengths") return [];
  const own = ["ra", ravel([n, ...i], [0, ...kept(plan, "a")])];
  return bug === "one" ? own : [...own, "rb", ravel([n, ...j], [0, ...kept(plan, "b")])];
}

// For each vector along the axis summed over, its flat places.
function vectors(plan, name) {
  const many = plan.p[name][plan.pair[name]];
  const places = range(plan.p[name][0]).flatMap((n) => cells(kept(plan, name)).map((i) => [n, i]));
  return places.map(([n, i]) => range(many).map((k) => at(plan, name, n, i, k)));
}

// --------------------------------------------------------------------------------------- shapes and refusals

function resultShape({ a, b, layer, axis, ...p }) {
  if (layer === "Concatenate") return a.map((n, k) => (k === mod(axis, a.length) ? n + b[k] : n));
  if (layer === "Dot") {
    const axes = axesPair(p);
    const left = [a, b].flatMap((s, i) => s.filter((_, k) => k && k !== mod(axes[i], s.length)));
    return [a[0], ...(left.length ? left : [1])];
  }
  const [one, other] = aligned(a, b);
  return one.map((n, k) => Math.max(n, other[k]));
}

function aligned(a, b) {
  const rank = Math.max(a.length, b.length);
  return [a, b].map((s) => [s[0], ...Array(rank - s.length).fill(1), ...s.slice(1)]);
}

// Why Keras refuses the pair, in one sentence; null if it does not.
function refusal(p) {
  const { a, b, layer } = p;
  const both = `${layer} refuses ${sizeText(a)} and ${sizeText(b)}`;
  if (layer === "Concatenate") return joiningRefusal(a, b, p.axis, both);
  if (layer === "Dot") return dotRefusal(p, both);
  if (a[0] !== b[0]) {
    return `${both}: the batch sizes differ, ${a[0]} and ${b[0]}. The batch axis, the first, is never stretched.`;
  }
  const [one, other] = aligned(a, b);
  const axis = one.findIndex((n, k) => n !== other[k] && n !== 1 && other[k] !== 1);
  if (axis < 0) return null;
  const where = `${a.length === b.length ? "" : "with the missing axis behind the batch, "}along axis ${axis}`;
  return `${both}: ${where} the sizes are ${one[axis]} and ${other[axis]}. They must be equal, or one of them 1.`;
}

function joiningRefusal(a, b, axis, both) {
  if (a.length !== b.length) return `${both}: one has ${a.length} axes, the other ${b.length}.`;
  if (axis < -a.length || axis >= a.length) return `${both}: they have no axis ${axis}.`;
  const k = a.findIndex((n, i) => i !== mod(axis, a.length) && n !== b[i]);
  if (k < 0) return null;
  return `${both} along axis ${axis}: the sizes along axis ${k} are ${a[k]} and ${b[k]}. All other axes must match.`;
}

function dotRefusal(p, both) {
  const axes = axesPair(p);
  for (const [i, name] of ["a", "b"].entries()) {
    const rank = p[name].length;
    if (rank < 2 || axes[i] <= -rank || axes[i] >= rank || axes[i] === 0) {
      return `${both}: ${name} has no axis ${axes[i]} behind the batch axis.`;
    }
  }
  const [n, m] = ["a", "b"].map((name, i) => p[name].at(axes[i]));
  if (n !== m) {
    return `${both}: ${n} cells along axis ${axes[0]} of a, ${m} along axis ${axes[1]} of b. The products need pairs.`;
  }
  if (p.a[0] !== p.b[0]) return `${both}: the batch sizes differ, ${p.a[0]} and ${p.b[0]}.`;
  return p.normalize && p.view === "backward" ? "The figure draws the way back of Dot without normalize." : null;
}

// --------------------------------------------------------------------------------------------------- forward

function forward(p, plan, made, bug) {
  const panels = inputs(made);
  const sign = SIGNS[p.layer] || "and";
  let layout = [["a", sign, "b", "=", "y"]];
  const frames = [];
  if (p.normalize && p.layer === "Dot") {
    layout = [["a", "ra"], [sign, "b", "rb"], ["=", "y"]];
    for (const name of ["a", "b"]) {
      frames.push(...lengthFrames(plan, made, name));
      const [axes, shape] = [NAMES[p[name].length], p[name]].map((all) => all.filter((_, k) => k !== plan.pair[name]));
      panels[`r${name}`] = panel(`1 / length of each vector of ${name}`, axes, blank(shape), "middle");
    }
  }
  panels.y = drawn("output", blank(plan.shape), "result");
  frames.push(...forwardFrames(p, plan, made, bug));
  fill(panels, frames);
  return { panels, layout, frames };
}

function lengthFrames(plan, made, name) {
  const { data } = made[name];
  return vectors(plan, name).map((places, i) => {
    const terms = places.map((k) => [name, k, name, k]);
    const frame = { to: [`r${name}`, i], op: "1/√", terms, phase: `r${name}` };
    if (total(places.map((k) => data[k] ** 2)) >= 1e-14) return frame;
    const note = "a length near 0";
    return { ...frame, op: "set", terms: [], value: 10000000, note };
  });
}

function forwardFrames(p, plan, made, bug) {
  const seen = new Set();
  return termsOf(plan, bug).map((met, o) => {
    const [op, terms] = operation(p, met, made, bug);
    const frame = { to: ["y", o], op, terms, phase: "y" };
    if (op === "mean") frame.n = p.layer === "Dot" ? terms.length : bug === "features" ? 3 : 2;
    if (!plan.pairs) return frame;
    const again = plan.pairs[o].filter((cell) => seen.has(String(cell))).map(([name]) => name);
    for (const cell of plan.pairs[o]) seen.add(String(cell));
    if (bug === "left" && again.includes("b")) {
      frame.terms = terms.filter(([name]) => name === "a").map((term) => term.slice(0, 2));
    } else if (again.length && !bug) frame.note = `${again.join(" and ")} ${again.length > 1 ? "are" : "is"} read again`;
    return frame;
  });
}

// [op, terms] with which the cells that a result reads are joined.
function operation(p, met, made, bug) {
  let terms = met;
  const size = ([name, k]) => Math.abs(made[name].data[k]);
  if (bug === "added") terms = [...met.map((t) => t.slice(0, 2)), ...met.map((t) => t.slice(2, 4))];
  if (bug === "doubled") terms = [met[0], ...met];
  if (bug === "size") return ["copy", [met.reduce((best, t) => (size(t) > size(best) ? t : best))]];
  if (EXTREME.includes(p.layer)) return [(p.layer === "Maximum") !== (bug === "other") ? "max" : "min", terms];
  if (p.layer === "Average") return [bug === "undivided" ? "sum" : "mean", terms];
  if (bug === "mean") return ["mean", terms];
  return [{ Concatenate: "copy", Multiply: "dot", Dot: "dot" }[p.layer] || "sum", terms];
}

// -------------------------------------------------------------------------------------------------- backward

function backward(p, plan, made, bug) {
  const reads = ["Multiply", "Maximum", "Minimum", "Dot"].includes(p.layer);
  const panels = { dY: drawn("gradient of y", made.dY, "input", { edit: true }), ...(reads ? inputs(made) : {}) };
  for (const name of ["a", "b"]) panels[`d${name}`] = drawn(`gradient of ${name}`, blank(p[name]), "gradient");
  const frames = ["a", "b"].flatMap((name) => backFrames(p, plan, made, name, bug));
  fill(panels, frames);
  return { panels, layout: [...(reads ? [["a", "b"]] : []), ["dY", "→", "da", "db"]], frames };
}

// One frame for each cell of an array's gradient: every term that read the cell, turned around.
function backFrames(p, plan, made, name, bug) {
  const extreme = EXTREME.includes(p.layer);
  const found = made[name].data.map(() => []);
  termsOf(plan, bug).forEach((met, o) => {
    const wins = extreme && bug !== "both" ? [met[winner(p.layer, made, met) ^ (bug === "loser")]] : met;
    for (const term of wins) {
      for (let k = 0; k < term.length; k += 2) {
        if (term[k] !== name) continue;
        const others = bug === "own" ? term.slice(k, k + 2) : [...term.slice(0, k), ...term.slice(k + 2)];
        found[term[k + 1]].push(["dY", o, ...(bug === "bare" ? [] : others)]);
      }
    }
  });
  return found.map((all, i) => {
    const terms = bug === "alone" && name === "b" ? [] : bug === "once" ? all.slice(0, 1) : all;
    const frame = { to: [`d${name}`, i], op: ["Multiply", "Dot"].includes(p.layer) ? "dot" : "sum", terms };
    if ((p.layer === "Average" && bug !== "undivided") || bug === "half") Object.assign(frame, { op: "mean", n: 2 });
    else if (bug === "mean" && terms.length > 1) Object.assign(frame, { op: "mean", n: terms.length });
    if (extreme && !bug && !terms.length) frame.note = `${name === "a" ? "b" : "a"} wins`;
    return { ...frame, phase: `d${name}` };
  });
}

// 0 if a gives the result and takes the gradient, 1 if b does.
function winner(layer, made, met) {
  const [left, right] = met.map(([name, k]) => made[name].data[k]);
  return Number(layer === "Maximum" ? right > left : right < left);
}

// ------------------------------------------------------------------------------------------------- questions

const QUESTIONS = {
  Add: [
    "What does Add do with dY?",
    ["it gives half of it to each input", "it passes it on to both inputs", "it gives it to the larger input"],
    1,
    "Both inputs count with a factor of 1.",
  ],
  Subtract: [
    "What does b get of dY?",
    ["dY as it is", "dY times −1", "nothing"],
    1,
    "b stands in the difference with a minus.",
  ],
  Average: [
    "What does each of the two inputs get of dY?",
    ["all of it", "a part by its size", "half of it"],
    2,
    "Each of two inputs counts with a factor of a half.",
  ],
  Multiply: [
    "All of b is doubled, and dY stays. What becomes of da?",
    ["it stays", "it doubles", "it halves"],
    1,
    "da is dY times b.",
  ],
  Maximum: [
    "Where a and b are equal, which of them takes the gradient?",
    ["both, half of it each", "b, the second input", "a, the first input"],
    2,
    "Of equals the first wins, in Keras on TensorFlow as well.",
  ],
  Concatenate: ["What does a get of dY?", ["all of it", "its own part", "half of it"], 1, "dY is cut at the joint."],
  Dot: [
    "da is made of dY and b. What is db made of?",
    ["dY and a", "dY and b", "dY alone"],
    0,
    "In a product each factor is the slope of the other.",
  ],
};
QUESTIONS.Minimum = QUESTIONS.Maximum;

function forwardAsks(p, plan, { y }) {
  const last = y.data.length - 1;
  const sized = {
    Concatenate: "The sizes along the axis add up; all others stay.",
    Dot: "The batch, then what is left of a, then of b, or 1.",
  };
  return [
    {
      kind: "shape",
      prompt: "What is the shape of the result?",
      answer: y.shape,
      why: sized[p.layer] || "Sizes of 1 behind the batch axis are stretched.",
      veil: p.layer === "Dot" && p.normalize ? ["ra", "rb", "y"] : ["y"],
    },
    {
      kind: "number",
      prompt: "Which number stands in the marked cell of y?",
      answer: y.data[last],
      why: "Select the cell to see what it is made of.",
      at: ["y", last],
    },
    ...pairsAsked(p),
    {
      kind: "number",
      prompt: `How many numbers has ${p.layer} to learn?`,
      answer: 0,
      why: "It has no weights at all.",
    },
  ];
}

// Two further shapes of b in the order of the control: the first that is refused, the first that is not.
function pairsAsked(p) {
  const kinds = new Set();
  return SHAPES.flatMap((shape) => {
    const other = { ...p, b: shape };
    const sentence = refusal(other);
    if (alike(shape, p.b) || kinds.has(!sentence)) return [];
    kinds.add(!sentence);
    return [{
      kind: "choice",
      prompt: `b gets the shape ${sizeText(shape)} in place of ${sizeText(p.b)}. Does ${call(p)} take the pair?`,
      options: ["yes", "no, Keras refuses it"],
      answer: sentence ? 1 : 0,
      why: sentence || `The result has shape ${sizeText(resultShape(other))}.`,
    }];
  });
}

function backAsks(p, plan, { db }) {
  const last = db.data.length - 1;
  const found = [
    {
      kind: "number",
      prompt: "Which number stands in the marked cell of db?",
      answer: db.data[last],
      why: "Every result that read this cell of b sends its gradient back.",
      at: ["db", last],
    },
  ];
  const [prompt, options, answer, why] = QUESTIONS[p.layer];
  found.push({ kind: "choice", prompt, options, answer, why });
  if (plan.pairs && stretched(plan)) {
    found.push({
      kind: "choice",
      prompt: "A stretched cell was read for several results. What becomes of their gradients?",
      options: ["the first of them counts", "their mean is taken", "they are added up"],
      answer: 2,
      why: "It moves all of these results.",
    });
  }
  return found;
}

// ----------------------------------------------------------------------------------------------- wrong rules

const JOINING = [
  ["exchanged", "b stands before a", true],
  ["turns", "a and b stand by turns", true],
  ["flat", "the numbers of a and b follow each other without regard to the axis", true],
];

function forwardBugs(p, plan) {
  const { layer, a, b } = p;
  if (layer === "Concatenate") return JOINING;
  const samples = ["first", "every sample reads the first sample of b", b[0] > 1];
  if (layer === "Dot") {
    const many = a[plan.pair.a] > 1;
    const [left, right] = [kept(plan, "a"), kept(plan, "b")];
    return [
      samples,
      ["last", "the last product is left out", many],
      ["mean", "the products are averaged instead of added up", many],
      ["exchanged", "the rows and columns of the result are exchanged", left.length && alike(left, right)],
      ["axes", "the sum runs along the other axis of a", a.length === 3 && a[1] === a[2]],
      ["lengths", "nothing is divided by the lengths", p.normalize],
      ["one", "only a is divided by its length", p.normalize],
    ];
  }
  const extreme = EXTREME.includes(layer);
  return [
    ["numpy", "the missing axis stands in front, as in NumPy", fitsNumpy(plan)],
    samples,
    ["left", "a cell of b is used once, and left out where it is read again", stretched(plan, ["b"])],
    ["reversed", "b is read backwards along its last axis", b.length > 1 && b.at(-1) > 1],
    ["doubled", "a is added twice", layer === "Add"],
    ["turned", "a is taken from b", layer === "Subtract"],
    ["undivided", "the sum is not divided", layer === "Average"],
    ["features", "the sum is divided by 3", layer === "Average"],
    ["added", "the numbers are added", layer === "Multiply"],
    ["other", `the ${layer === "Maximum" ? "smaller" : "larger"} number wins`, extreme],
    ["size", "the number farther from 0 wins", extreme],
  ];
}

function backBugs(p, plan) {
  const { layer } = p;
  if (layer === "Concatenate") return JOINING;
  const alone = ["alone", "b gets no gradient", true];
  const factors = ["Multiply", "Dot"].includes(layer);
  const own = ["own", "each input takes itself as the factor, not the other", factors];
  const first = ["first", "every sample reads the first sample of b, and sends the gradient there", p.b[0] > 1];
  if (layer === "Dot") return [own, alone, first, ["last", "the last product is left out", p.a[plan.pair.a] > 1]];
  const extreme = EXTREME.includes(layer);
  return [
    ["once", "of several results that read a cell only the first sends its gradient", stretched(plan)],
    ["mean", "the gradients of several results are averaged", stretched(plan) && layer !== "Average"],
    alone,
    first,
    own,
    ["half", "each input gets half", layer === "Add" || layer === "Subtract"],
    ["bare", "the minus is forgotten", layer === "Subtract"],
    ["bare", "the factor is forgotten", layer === "Multiply"],
    ["undivided", "each input gets all of it", layer === "Average"],
    ["both", "both inputs get the gradient", extreme],
    ["loser", "the gradient goes to the loser", extreme],
  ];
}

// -------------------------------------------------------------------------------------------- settings, code

function controls() {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const shapes = { labels: SHAPES.map(sizeText) };
  return [
    choice("view", "direction", ["forward", "backward"], { look: "switch" }),
    choice("layer", "layer", LAYERS),
    choice("a", "shape of a", SHAPES, shapes),
    choice("b", "shape of b", SHAPES, shapes),
    choice("axis", "axis (Concatenate)", [-1, 0, 1, 2]),
    choice("axes", "axes (Dot)", [1, 2, [1, 2], [2, 1], -1]),
    { name: "normalize", label: "normalize (Dot)", kind: "flag" },
  ];
}

function call(p) {
  let given = "";
  if (p.layer === "Concatenate" && p.axis !== -1) given = `axis=${p.axis}`;
  if (p.layer === "Dot") {
    given = `axes=${Array.isArray(p.axes) ? sizeText(p.axes) : p.axes}${p.normalize ? ", normalize=True" : ""}`;
  }
  return `${p.layer}(${given})`;
}

// Whether Keras on TensorFlow, called on arrays, adds b along an axis on which it does not lie: see merge_plan.py.
function takenForBias(p) {
  if (!["Add", "Average"].includes(p.layer) || Math.max(p.a.length, p.b.length) < 2) return false;
  const [a, b] = aligned(p.a, p.b);
  const long = range(b.length).filter((axis) => b[axis] > 1);
  const n = b[long[0]];
  if (long.length !== 1 || ![a[1], a.at(-1)].includes(n)) return false;
  return long[0] !== (n === a.at(-1) ? a.length - 1 : 1);
}

function code(p, made) {
  const text = ({ shape, data }) => arrayCode(data, shape);
  const arrays = [`a = ${text(made.a)}`, `b = ${text(made.b)}`];
  const layer = `layer = ${call(p)}`;
  const pair = takenForBias(p) ? "([b, a])  # as the second input b would be taken for a bias" : "([a, b])";
  const start = ["import numpy as np"];
  const own = [...start, `from byhand.layers import ${p.layer}`, "", ...arrays, layer, "y = layer([a, b])"];
  let keras = [...start, `from keras.layers import ${p.layer}`, "", ...arrays, layer, `y = layer${pair}`];
  if (p.view === "backward") {
    const dy = `dy = ${text(made.dY)}`;
    own.push(dy, "dx = layer.backward(dy)");
    const tape = [
      dy,
      "a, b = tf.Variable(a, dtype=tf.float32), tf.Variable(b, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      `    y = ${call(p)}${pair}`,
      "dx = tape.gradient(y, [a, b], tf.constant(dy, tf.float32))",
    ];
    keras = [...start, "import tensorflow as tf", `from tensorflow.keras.layers import ${p.layer}`, "", ...arrays, ...tape];
  }
  return { keras: keras.join("\n"), numpy: own.join("\n") };
}
