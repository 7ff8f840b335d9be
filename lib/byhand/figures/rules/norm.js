// Batch, layer, group and root-mean-square normalisation. figures/norm.py, norm_frames.py and norm_asks.py say the same.

const BATCH = "BatchNormalization";
const LAYERS = [BATCH, "LayerNormalization", "GroupNormalization", "RMSNormalization"];
const AXES = {
  BatchNormalization: [[[-1]], [[-1], [-2]], [[-1], [-3]]],
  LayerNormalization: [[[-1]], [[-1], [-2], [-2, -1]], [[-1], [-3, -2], [-3, -2, -1]]],
  GroupNormalization: [[[-1]], [[-1]], [[-1]]],
  RMSNormalization: [[[-1]], [[-1], [-2, -1]], [[-1], [-3, -2, -1]]],
};
const SPACE = { 2: ["sample", "feature"], 3: ["sample", "step", "channel"], 4: ["sample", "row", "column", "channel"] };

function retrace(params, data, bug) {
  const error = refusal(params);
  if (error) return { error };
  const plan = planOf(params);
  const given = numbers(params, plan, data);
  const made = { forward, moving, backward }[params.view](params, plan, given, bug);
  return {
    figure: "norm",
    title: call(params),
    params,
    controls: controls(params),
    ...made,
    asks: { forward: forwardAsks, moving: movingAsks, backward: backwardAsks }[params.view](params, plan, made.panels),
    bugs: bugs(params, plan),
    code: code(params, plan, given),
  };
}

function refusal(p) {
  const rank = 2 + p.space.length;
  if (p.kind !== BATCH && p.view === "moving") {
    return `${p.kind} keeps no moving statistics: each sample has its own, in training and afterwards.`;
  }
  if (-p.axis[0] >= rank) {
    return `x has ${rank} axes here, and axis ${p.axis[0]} would be the batch or none. Take another axis.`;
  }
  if (p.kind === BATCH && p.axis.length > 1) {
    return "BatchNormalization takes one axis: the one that keeps its own statistics. Keras refuses several as well.";
  }
  if (p.kind === "GroupNormalization") {
    if (String(p.axis) !== "-1") return "The figure of GroupNormalization has the channels last: take axis -1.";
    if (p.channels % p.groups) return `${p.groups} groups do not divide ${p.channels} channels. Keras refuses it as well.`;
  }
  if (p.kind === "RMSNormalization" && p.axis[p.axis.length - 1] !== -1) {
    return "RMSNormalization takes the last axis, or the last several.";
  }
  return null;
}

const range = (n) => [...Array(n).keys()];
const inverted = (groups) =>
  range(Math.max(...groups) + 1).map((g) => groups.flatMap((own, i) => (own === g ? [i] : [])));

// Who shares statistics with whom, and which gamma belongs to whom. Cells are counted flat.
function planOf(p) {
  const shape = [p.batch, ...p.space, p.channels];
  const rank = shape.length;
  const axes = SPACE[rank];
  const own = p.axis.map((a) => a + rank);
  const rms = p.kind === "RMSNormalization";
  const batchNorm = p.kind === BATCH;
  const along = (kept) => cells(shape).map((index) => ravel(kept.map((a) => index[a]), kept.map((a) => shape[a])));
  const size = p.channels / p.groups;
  const kept = batchNorm ? own : range(rank).filter((a) => !own.includes(a));
  const groups =
    p.kind === "GroupNormalization"
      ? cells(shape).map((index) => index[0] * p.groups + Math.floor(index[rank - 1] / size))
      : along(kept);
  const members = inverted(groups);
  const crossed = inverted(along([batchNorm ? 0 : rank - 1]));
  const differs = crossed.length === members.length && String(crossed) !== String(members);
  return {
    shape,
    axes,
    rms,
    batchNorm,
    own: own.map((a) => shape[a]),
    ownAxes: own.map((a) => axes[a]),
    groups,
    places: along(own),
    count: members.length,
    members,
    crossed: differs ? crossed : null,
    moves: batchNorm && !p.training,
  };
}

// The whole number that stands at a place for which nobody gave one: uneven, so that no group is all alike.
function spread(index) {
  const k = total(index.map((i, a) => i * [2, 3, 5, 7][a])) + 1;
  return ((k * k) % 11) - 3;
}

// The numbers of `given` cut to `shape`; where there is none, rest(index).
function filled(given, shape, rest) {
  const old = given && given.shape.length === shape.length ? given.shape : shape.map(() => 0);
  const inside = (index) => index.every((i, a) => i < old[a]);
  return { shape, data: cells(shape).map((index) => (inside(index) ? given.data[ravel(index, old)] : rest(index))) };
}

const one = () => 1;
const none = () => 0;
const mean = (v) => total(v) / v.length;
const variance = (v) => mean(v.map((a) => (a - mean(v)) ** 2));

// Mean and variance of each group of x.
function statisticsOf(plan, x) {
  const groups = plan.members.map((members) => members.map((i) => x.data[i]));
  return { mean: groups.map(mean), variance: groups.map(variance) };
}

// Every array that is given, by panel name, in the present sizes.
function numbers(p, plan, data) {
  const scale = plan.rms ? "scale" : "gamma";
  const x = filled(data.x, plan.shape, spread);
  const given = { x, dY: filled(data.dY, plan.shape, spread), [scale]: filled(data[scale], plan.own, one) };
  if (!plan.rms) given.beta = filled(data.beta, plan.own, none);
  if (!plan.batchNorm) return given;
  const now = statisticsOf(plan, x);
  given["moving mean"] = filled(data["moving mean"], plan.own, none);
  given["moving variance"] = filled(data["moving variance"], plan.own, one);
  const batches = [p.batches, plan.count];
  for (const name in now) {
    given[`batch ${name}`] = filled(name === "mean" && data["batch mean"], batches, (index) => now[name][index[1]]);
  }
  given["new x"] = filled(data["new x"], plan.own, (index) => x.data[plan.members[index[0]][0]]);
  return given;
}

const letter = (g) => (g < 26 ? "" : "A") + String.fromCharCode(65 + (g % 26));
const letters = (plan) => range(plan.count).map(letter);

// A panel of the shape of x: samples beside each other where they have rows of their own.
function whole(plan, label, array, role, more) {
  const grid = plan.shape.length === 2 ? [0, 1] : [1, 2];
  return panel(label, plan.axes, array || blank(plan.shape), role, { grid, groups: plan.groups, ...more });
}

// A panel with one number for each group.
function each(plan, label, values, role, more) {
  const array = { shape: [plan.count], data: values || Array(plan.count).fill(0) };
  return panel(label, ["group"], array, role, { names: { 0: letters(plan) }, groups: range(plan.count), ...more });
}

function learned(plan, given, edit = true) {
  const known = ["gamma", "beta", "scale"].filter((name) => given[name]);
  const more = { edit: edit || undefined };
  return Object.fromEntries(known.map((name) => [name, panel("learned", plan.ownAxes, given[name], "weight", more)]));
}

// The panels of the mean (null without one) and of the variance that x is standardised with.
function names(plan) {
  if (plan.rms) return [null, "mean square"];
  return plan.moves ? ["moving mean", "moving variance"] : ["mean", "variance"];
}

function forward(p, plan, given, bug) {
  const [center, size] = names(plan);
  const panels = { x: whole(plan, plan.shape.length === 2 ? "input, a row each sample" : "input", given.x, "input", { edit: true }) };
  if (plan.moves) {
    const kept = "kept from training";
    panels["moving mean"] = each(plan, kept, given["moving mean"].data, "weight", { edit: true });
    panels["moving variance"] = each(plan, kept, given["moving variance"].data, "weight");
  } else {
    if (center) panels[center] = each(plan, "one a group", null, "middle");
    panels[size] = each(plan, "one a group", null, "middle");
  }
  panels.s = each(plan, "inverse root of it", null, "middle");
  if (center) panels.d = whole(plan, "x − mean", null, "middle");
  panels.xhat = whole(plan, "standardised", null, "middle");
  const weights = learned(plan, given);
  Object.assign(panels, weights, { y: whole(plan, "output", null, "result") }, hiddenPanels(plan, given, bug));
  const frames = forwardFrames(p, plan, bug);
  fill(panels, frames);
  const layout = [["x", center, size, "s"], [center && "d", "xhat", ...Object.keys(weights), "y"]];
  return { panels, layout: layout.map((row) => row.filter((name) => name)), frames };
}

// Statistics that are not drawn but read by a wrong rule: those of the other mode.
function hiddenPanels(plan, given, bug) {
  const hidden = (name, values) => [name, each(plan, "not drawn", values, "middle")];
  if (bug === "moving") {
    return Object.fromEntries(["moving mean", "moving variance"].map((name) => hidden(name, given[name].data)));
  }
  if (bug !== "batch") return {};
  return Object.fromEntries(Object.entries(statisticsOf(plan, given.x)).map(([name, values]) => hidden(name, values)));
}

function moving(p, plan, given, bug) {
  const titles = { 0: range(p.batches).map((t) => String(t + 1)), 1: letters(plan) };
  const line = (label, array, role, more) =>
    panel(label, ["batch", "group"], array || blank([p.batches, plan.count]), role, {
      grid: [1, 0], names: titles, groups: range(p.batches).flatMap(() => range(plan.count)), ...more,
    });
  const start = "before the first batch";
  const panels = {
    "batch mean": line("of each batch", given["batch mean"], "input", { edit: true }),
    "batch variance": line("of each batch", given["batch variance"], "input"),
    "moving mean": each(plan, start, given["moving mean"].data, "weight", { edit: true }),
    "mean after": line("each batch: the moving mean", null, "state"),
    "moving variance": each(plan, start, given["moving variance"].data, "weight"),
    "variance after": line("each batch: the moving one", null, "state"),
    "new x": each(plan, "one new sample", given["new x"].data, "input", { edit: true }),
    ...learned(plan, given),
    s: each(plan, "inverse root of the last variance", null, "middle"),
    y: each(plan, "output in inference", null, "result"),
  };
  const frames = movingFrames(p, plan, bug);
  fill(panels, frames);
  const after = ["moving mean", "mean after", "moving variance", "variance after"];
  return { panels, layout: [["batch mean", "batch variance"], after, ["new x", "gamma", "beta", "s", "y"]], frames };
}

function backward(p, plan, given, bug) {
  const before = forward(p, plan, given).panels; // the way back starts from the right forward pass
  const scale = plan.rms ? "scale" : "gamma";
  const panels = {
    dY: whole(plan, "gradient of y", given.dY, "input", { edit: true }),
    xhat: whole(plan, "standardised x", before.xhat, "middle"),
    s: each(plan, "inverse root of the variance", before.s.data, "middle"),
    [scale]: learned(plan, given, false)[scale],
    dxhat: whole(plan, "gradient of xhat", null, "gradient"),
  };
  const shares = plan.moves ? [] : plan.rms ? ["b"] : ["a", "b"];
  for (const name of shares) {
    panels[name] = each(plan, name === "a" ? "mean of dxhat" : "mean of dxhat xhat", null, "middle");
  }
  panels.dX = whole(plan, "gradient of x", null, "gradient");
  const learn = plan.rms ? ["dscale"] : ["dgamma", "dbeta"];
  for (const name of learn) {
    panels[name] = panel(`gradient of ${name.slice(1)}`, plan.ownAxes, blank(plan.own), "gradient");
  }
  const frames = backFrames(p, plan, bug);
  fill(panels, frames);
  return { panels, layout: [["dY", scale, "s", "xhat"], ["dxhat", ...shares], ["dX", ...learn]], frames };
}

// --- frames

const average = (to, terms, n, phase) => ({ to, op: "mean", terms, n, phase });

function forwardFrames(p, plan, bug) {
  const frames = [];
  const [, size] = names(plan);
  plan.members.forEach((members, g) => {
    if (plan.moves) frames.push(...distances(members, g, bug === "batch" ? "mean" : "moving mean", bug));
    else frames.push(...statistics(plan, members, g, bug));
    const read = bug === "batch" ? "variance" : size;
    frames.push({ to: ["s", g], op: "1/√", terms: [[read, g], [p.epsilon]], phase: "s" });
    const source = plan.rms ? "x" : "d";
    for (const i of members) frames.push({ to: ["xhat", i], op: "dot", terms: [[source, i, "s", g]], phase: "xhat" });
    for (const i of members) frames.push({ to: ["y", i], op: "dot", terms: outputTerms(plan, i, bug), phase: "y" });
  });
  return frames;
}

const distances = (members, g, center, bug) =>
  members.map((i) => {
    return { to: ["d", i], op: "sum", terms: bug === "plain" ? [["x", i]] : [["x", i], [center, g, -1]], phase: "distance" };
  });

function statistics(plan, members, g, bug) {
  const among = bug === "all" ? range(plan.groups.length) : bug === "axis" ? plan.crossed[g] : members;
  const n = among.length;
  const by = bug === "sample" ? n - 1 : n;
  const squares = (name) => (i) => [name, i, name, i];
  if (plan.rms) return [average(["mean square", g], among.map(squares("x")), by, "mean square")];
  let center = average(["mean", g], among.map((i) => ["x", i]), n, "mean");
  let size = average(["variance", g], members.map(squares("d")), by, "variance");
  if (among !== members) {
    // Distances of other groups may not be there yet: the mean of the squares without the square of the mean.
    size = average(["variance", g], [...among.map(squares("x")), ["mean", g, "mean", g, -n]], n, "variance");
  }
  if (bug === "moving") {
    center = { to: ["mean", g], op: "copy", terms: [["moving mean", g]], phase: "mean" };
    size = { to: ["variance", g], op: "copy", terms: [["moving variance", g]], phase: "variance" };
  }
  return [center, ...distances(members, g, "mean", bug), size];
}

function outputTerms(plan, i, bug) {
  const place = bug === "share" ? 0 : plan.places[i];
  if (plan.rms) return [["scale", place, "xhat", i]];
  const [scale, shift] = bug === "swap" ? ["beta", "gamma"] : ["gamma", "beta"];
  return [[scale, place, "xhat", i], ...(bug === "beta" ? [] : [[shift, place]])];
}

function movingFrames(p, plan, bug) {
  const K = plan.count;
  const take = Math.round((1 - p.momentum) * 1e10) / 1e10;
  const [keep, other] = bug === "momentum" ? [take, p.momentum] : [p.momentum, take];
  const frames = [];
  for (const t of range(p.batches)) {
    for (const name of ["mean", "variance"]) {
      for (const k of range(K)) {
        const before = t && bug !== "start" ? [`${name} after`, (t - 1) * K + k] : [`moving ${name}`, k];
        const terms = [[...before, keep], [`batch ${name}`, t * K + k, other]];
        if (bug === "last" || (bug === "zero" && !t)) terms.shift();
        frames.push({ to: [`${name} after`, t * K + k], op: "sum", terms, phase: "moving" });
      }
    }
  }
  const last = (p.batches - 1) * K;
  for (const k of range(K)) {
    const read = [bug === "batch" ? "batch variance" : "variance after", last + k];
    frames.push({ to: ["s", k], op: "1/√", terms: [read, [p.epsilon]], phase: "inference" });
  }
  for (const k of range(K)) {
    const center = [bug === "batch" ? "batch mean" : "mean after", last + k];
    const terms = [["gamma", k, "new x", k, "s", k], ["gamma", k, ...center, "s", k, -1], ["beta", k]];
    frames.push({ to: ["y", k], op: "dot", terms, phase: "inference" });
  }
  return frames;
}

function backFrames(p, plan, bug) {
  const scale = plan.rms ? "scale" : "gamma";
  const frames = [];
  plan.members.forEach((members, g) => {
    const n = members.length;
    for (const i of members) {
      const terms = [["dY", i, ...(bug === "gamma" ? [] : [scale, plan.places[i]])]];
      frames.push({ to: ["dxhat", i], op: "dot", terms, phase: "dxhat" });
    }
    if (!plan.moves && !plan.rms) frames.push(average(["a", g], members.map((i) => ["dxhat", i]), n, "shared"));
    if (!plan.moves) frames.push(average(["b", g], members.map((i) => ["dxhat", i, "xhat", i]), n, "shared"));
    for (const i of members) frames.push({ to: ["dX", i], op: "dot", terms: dxTerms(plan, g, i, bug), phase: "dX" });
  });
  for (const place of range(product(plan.own))) {
    const users = plan.places.flatMap((at, i) => (at === place ? [i] : []));
    const how = bug === "mean" ? { op: "mean", n: users.length } : { op: "dot" };
    const met = users.map((i) => ["dY", i, ...(bug === "plain" ? [] : ["xhat", i])]);
    frames.push({ to: [`d${scale}`, place], terms: met, phase: "learned", ...how });
    if (!plan.rms) frames.push({ to: ["dbeta", place], terms: users.map((i) => ["dY", i]), phase: "learned", ...how });
  }
  return frames;
}

function dxTerms(plan, g, i, bug) {
  const terms = [["s", g, "dxhat", i]];
  if (plan.moves || bug === "constant") return terms;
  if (!plan.rms && bug !== "shift") terms.push(["s", g, "a", g, -1]);
  if (bug !== "along") terms.push(["s", g, "xhat", i, "b", g, -1]);
  return terms;
}

// --- questions

const choose = (prompt, options, answer, why, more) => ({ kind: "choice", prompt, options, answer, why, ...more });

function forwardAsks(p, plan, panels) {
  const there = (...all) => all.filter((name) => panels[name]);
  const stats = there("mean", "variance", "mean square", "moving mean", "moving variance", "s");
  const every = there("d", "xhat", "y");
  const learn = there("gamma", "beta", "scale");
  const n = plan.members[0].length;
  const batch = plan.batchNorm && p.training;
  const per = `One for each ${oneFor(plan, p)}: ${plan.count}`;
  const found = [
    {
      kind: "number",
      prompt:
        `x has shape ${sizeText(plan.shape)}. How many ${plan.rms ? "mean squares" : "pairs of mean and variance"} ` +
        "does this layer use?",
      answer: plan.count,
      why: plan.moves ? `${per}, kept from training.` : `${per}. Each is taken over ${n} ${n === 1 ? "number" : "numbers"}.`,
      hide: every,
      veil: stats,
    },
    {
      kind: "shape",
      prompt: `What is the shape of ${learn[0]}?`,
      answer: plan.own,
      why:
        p.kind === "GroupNormalization"
          ? "One number for each channel, whatever the groups."
          : `It has the size of x along ${along(p)}${plan.batchNorm ? ", as the statistics have." : "."}`,
      veil: [...learn, ...stats, ...every],
    },
    choose(
      "One number of x changes. Which numbers of y can change with it?",
      who(plan, "y"),
      reach(plan),
      plan.moves
        ? "The statistics are fixed: every number goes its own way."
        : n === 1
          ? alone(plan)
          : plan.rms
            ? "The mean square changes, and with it all that it standardises."
            : "Mean and variance change, and with them all that they standardise.",
      { hide: [...stats, ...every] },
    ),
    choose(
      "A sample joins the batch. Does y of the other samples change?",
      ["yes", "no"],
      batch ? 0 : 1,
      batch
        ? "The statistics run over the batch, and it is another batch now."
        : plan.moves
          ? "Kept statistics do not care for the batch."
          : "Each sample is standardised by itself.",
      { hide: [] },
    ),
  ];
  if (plan.moves) return found;
  const name = plan.rms ? "mean square" : "variance";
  const square = plan.rms ? "The mean of the squares" : "The mean of the squared distances";
  found.splice(2, 0, {
    kind: "number",
    prompt: `What is the ${name} of the first group?`,
    answer: panels[name].data[0],
    at: [name, 0],
    why: n > 1 ? `${square}: the sum divided by ${n}, not by ${n - 1}.` : `${square}: one number.`,
  });
  return found;
}

const alone = (plan) =>
  plan.rms
    ? "It is alone in its group."
    : "It is alone in its group, so it is its own mean: y is beta, whatever x is.";

const who = (plan, name) => [
  "none",
  "the one at the same place",
  "all of its group",
  ...(plan.count > 1 ? [`all of ${name}`] : []),
];

function reach(plan) {
  if (plan.moves) return 1;
  return plan.members[0].length > 1 ? 2 : plan.rms ? 1 : 0;
}

const along = (p) => (p.axis.length === 1 ? "axis " : "axes ") + p.axis.join(" and ");

function oneFor(plan, p) {
  if (plan.batchNorm) return plan.ownAxes[0];
  if (p.kind === "GroupNormalization") return "sample and group of channels";
  return plan.axes.filter((axis) => !plan.ownAxes.includes(axis)).join(" and ");
}

function movingAsks(p, plan, panels) {
  const batches = p.batches === 1 ? "batch" : "batches";
  return [
    {
      kind: "number",
      prompt: "What is the moving mean of the first channel after the first batch?",
      answer: panels["mean after"].data[0],
      at: ["mean after", 0],
      why: "Momentum times what was there, and the rest times the mean of the batch.",
    },
    {
      kind: "number",
      prompt: `What is the first number of y after ${p.batches} ${batches}?`,
      answer: panels.y.data[0],
      at: ["y", 0],
      why: "Inference takes the last moving mean and variance, whatever stands beside the sample.",
      hide: ["y"],
    },
    choose(
      "Momentum comes closer to 1. The moving statistics follow the batches then",
      ["faster", "more slowly"],
      1,
      "More of what was there is kept, and less of the batch comes in.",
      { hide: [] },
    ),
    choose(
      "Which mean does the layer take off in training?",
      ["that of the batch", "the moving mean", "a mixture of both"],
      0,
      "In training the moving statistics are only brought up to date. Inference uses them.",
      { hide: [] },
    ),
    {
      kind: "cell",
      prompt: "Which moving mean does inference read for the first channel?",
      answer: [["mean after", (p.batches - 1) * plan.count]],
      why: "The one after the last batch.",
      hide: ["y", "s"],
    },
  ];
}

function backwardAsks(p, plan, panels) {
  const learn = plan.rms ? "dscale" : "dgamma";
  const made = ["dxhat", "a", "b", "dX", "dgamma", "dbeta", "dscale"].filter((name) => panels[name]);
  const found = [
    {
      kind: "shape",
      prompt: `What is the shape of ${learn}?`,
      answer: plan.own,
      why: `That of ${learn.slice(1)}: a gradient has the shape of what it belongs to.`,
      veil: [...made, learn.slice(1)],
    },
    {
      kind: "number",
      prompt: `How many products are summed in each number of ${learn}?`,
      answer: plan.places.length / product(plan.own),
      why: "As many as there are numbers of y that it helped to make.",
      at: [learn, 0],
    },
    choose(
      "One number of dY changes. Which numbers of dX can change with it?",
      who(plan, "dX"),
      reach(plan),
      plan.moves
        ? "The statistics are fixed: nothing comes back through them."
        : plan.members[0].length === 1
          ? alone(plan)
          : "The gradient also comes back through the statistics, which all of the group made.",
    ),
  ];
  if (!plan.moves && !plan.rms && plan.members[0].length > 1) {
    found.push({
      kind: "number",
      prompt: "What is the sum of dX over one group?",
      answer: 0,
      why: "The same number added to a whole group changes nothing in y.",
    });
  }
  return found;
}

// --- wrong rules, controls, code

function bugs(p, plan) {
  const [n, many] = [plan.members[0].length, plan.count > 1];
  const learn = plan.rms ? "scale" : "gamma";
  const centred = !plan.moves && !plan.rms;
  const known = {
    moving: [
      ["momentum", "momentum stands at the batch instead of at what was there", p.momentum !== 0.5],
      ["last", "what was there before is forgotten", p.momentum > 0],
      ["start", "each batch is mixed with the start instead of with what came before", p.batches > 1],
      ["zero", "the moving variance starts at 0", p.momentum > 0],
      ["batch", "inference takes the statistics of the last batch", true],
    ],
    backward: [
      ["constant", "the statistics are taken for constants", !plan.moves],
      ["shift", "the gradient through the mean is left out", centred],
      ["along", `the gradient through the ${plan.rms ? "mean square" : "variance"} is left out`, !plan.moves],
      ["gamma", `${learn} is left out on the way back`, true],
      ["mean", "the learned numbers get a mean instead of a sum", true],
      ["plain", `xhat is left out of d${learn}`, true],
    ],
    forward: [
      ["sample", "the sum of squares is divided by n − 1", !plan.moves && n > 1],
      ["all", "the statistics are taken over all of x", centred && many],
      ["axis", "the statistics are taken over the wrong axis", centred && plan.crossed],
      ["moving", "the moving statistics are used in training", plan.batchNorm && !plan.moves],
      ["batch", "the statistics of the batch are used in inference", plan.moves],
      ["plain", "the mean is not taken off", !plan.rms],
      ["swap", "gamma and beta are swapped", !plan.rms],
      ["beta", "beta is left out", !plan.rms],
      ["share", "the first learned number serves all", product(plan.own) > 1],
    ],
  }[p.view];
  return known.flatMap(([name, label, there]) => (there ? [{ name, label }] : []));
}

function controls(p) {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const batchNorm = p.kind === BATCH;
  const spaces = ["a table", "2 steps", "3 steps", "2 by 2 pixels"];
  const views = batchNorm ? ["forward", "moving", "backward"] : ["forward", "backward"];
  const list = [choice("view", "view", views, { look: "switch" })];
  if (batchNorm && p.view !== "moving") {
    list.push(choice("training", "used in", [true, false], { labels: ["training", "inference"], look: "switch" }));
  }
  list.push(choice("kind", "layer", LAYERS), choice("axis", "axis", AXES[p.kind][p.space.length]));
  if (p.kind === "GroupNormalization") list.push(choice("groups", "groups", [1, 2, 4]));
  list.push(choice("batch", "samples", [1, 2, 3, 4, 5]));
  list.push(choice("space", "positions", [[], [2], [3], [2, 2]], { labels: spaces }));
  list.push(choice("channels", "channels", [1, 2, 3, 4]));
  if (p.view === "moving") {
    list.push(choice("momentum", "momentum", [0, 0.5, 0.9, 0.99]), choice("batches", "batches", [1, 2, 3, 4, 6]));
  }
  return list;
}

// The constructor's arguments that differ from the defaults, as text.
function args(p) {
  const said = [];
  const { axis } = p;
  if (p.kind === "GroupNormalization") said.push(String(p.groups));
  else if (String(axis) !== "-1") said.push(`axis=${axis.length === 1 ? axis[0] : `[${axis.join(", ")}]`}`);
  if (p.kind === BATCH && p.momentum !== 0.99) said.push(`momentum=${p.momentum}`);
  if (p.epsilon !== (p.kind === "RMSNormalization" ? 0.000001 : 0.001)) said.push(`epsilon=${p.epsilon}`);
  return said.join(", ");
}

function call(p) {
  const mode = p.kind === BATCH && p.view !== "moving" && p.training ? ", training=True" : "";
  return `${p.kind}(${args(p)})(x${mode})`;
}

function code(p, plan, given) {
  const overBatches = p.view === "moving";
  const array = ({ shape, data }) => arrayCode(data, shape);
  const weights = [...(plan.rms ? ["scale"] : ["gamma", "beta"]), ...(plan.batchNorm ? ["moving mean", "moving variance"] : [])];
  const x = overBatches ? arrayCode(given["new x"].data, [1, plan.count]) : array(given.x);
  const lines = [
    `layer = ${p.kind}(${args(overBatches ? { ...p, axis: [-1] } : p)})`,
    `x = ${x}`,
    "layer.build(x.shape)",
    `layer.set_weights([${weights.map((name) => array(given[name])).join(", ")}])`,
  ];
  if (overBatches) {
    lines.push(
      `means = ${array(given["batch mean"])}`,
      `variances = ${array(given["batch variance"])}`,
      "for mean, variance in zip(means, variances):",
      "    layer(np.stack([mean - variance**0.5, mean + variance**0.5]), training=True)",
    );
  }
  const mode = plan.batchNorm && !overBatches ? `, training=${p.training ? "True" : "False"}` : "";
  const run = `y = layer(x${mode})`;
  const head = (source) => `import numpy as np\n${source}.layers import ${p.kind}\n`;
  const numpy = [head("from byhand"), ...lines, run];
  let keras = [head("from keras"), ...lines, run];
  if (p.view === "backward") {
    const dy = `dy = ${array(given.dY)}`;
    numpy.push(dy, "dx = layer.backward(dy)", "dweights = layer.get_gradients()");
    keras = [
      head("import tensorflow as tf\nfrom tensorflow.keras"),
      ...lines,
      dy,
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      `    ${run}`,
      "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
    ];
  }
  return { keras: keras.join("\n"), numpy: numpy.join("\n") };
}
