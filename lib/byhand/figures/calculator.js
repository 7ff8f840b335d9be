// The calculator: a table of the stack's lines, the fields of one of them, its rules in numbers, its Keras code.
// rules/costs.js counts, fields.js reads what is typed; here is what is seen and what the reader does.

const HEADS = ["layer", "output", "parameters", "multiplications", "values", "sees", "jump"];
const COUNTS = ["parameters", "multiplications", "values"];
const RULES = {
  output: "Output",
  parameters: "Parameters",
  multiplications: "Multiplications",
  values: "Values in the output",
  field: "One number sees",
};
const OWN = "another stack";
const MOST = 40; // lines

// Whatever the order of the settings: a stored notebook sorts them by name.
const alike = (a, b) => {
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  return Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => alike(a[key], b[key]));
};
const byAxis = (numbers) => (new Set(numbers).size > 1 ? numbers : numbers.slice(0, 1)).join("×") || "–";
const plural = (n, what) => `${fmt(n)} ${what}${n === 1 ? "" : "s"}`;

function render({ model, el }) {
  const first = [model.get("stack"), model.get("at")];
  let drawn = null; // whose fields are on view: the line and its layer
  let fields = {}; // the open fields by setting: {input, error, read}
  let answer; // what follow() says of the stack

  const say = h("p", { class: "bh-say", role: "status", "aria-live": "polite" });
  const start = h("select", { onchange: () => preset(start.value) });
  const names = Object.keys(PRESETS);
  start.append(...[OWN, ...names].map((name) => h("option", { value: name }, name)));
  const head = h("div", { class: "bh-flow bh-top" },
    h("p", { class: "bh-title" }, "Shapes and costs"), h("label", { class: "bh-flow" }, "Begin with", start));
  const shape = numbersField("input", "input shape, without the batch", (value) => save({ input: value }), tell);
  const table = h("table", { class: "bh-lines" });
  const scroll = h("div", { class: "bh-scroll", tabindex: 0, role: "region", "aria-label": "the stack, line by line" }, table);
  const editor = h("div", { class: "bh-ask", role: "group" });
  const rules = h("dl", { class: "bh-rules" });
  const code = h("code", {});
  const copies = [button("Copy this line", () => copy(code.textContent, "the line")),
    button("Copy the model", () => copy(program(model.get("stack")), "the model"))];
  const tools = h("div", { class: "bh-flow" }, copies, button("Reset", () => (save(...first), speak("As at the beginning."))),
    button("Save", () => speak(savePage(model, "shapes and costs of a stack of layers", scroll))));
  const note = h("p", { class: "bh-quiet" }, "Shapes and numbers are for one sample. “sees” is the receptive field: how many "
    + "cells of the input, side by side, one number of this output depends on; beyond the border they are padding. “jump” is "
    + "how far apart two neighbours look. The bars are shares of the sum. An activation changes none of this; it goes into "
    + "the model that you copy.");
  const root = h("div", { class: "byhand bh-calculator", role: "group", "aria-label": "Calculator of shapes and costs" },
    head, h("div", { class: "bh-flow bh-controls" }, shape.label), shape.error, scroll, editor, rules,
    h("pre", {}, code), tools, say, note);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // a notebook around it has keys of its own
  el.append(root);

  // ------------------------------------------------------------------------------------------------- what is stored

  const lines = () => model.get("stack").lines;
  const at = () => Math.min(model.get("at"), lines().length - 1);
  const line = () => lines()[at()];

  function save(changes, place) {
    model.set("stack", { ...model.get("stack"), ...changes });
    if (place !== undefined) model.set("at", place);
    model.save_changes();
  }

  const change = (setting, value) =>
    save({ lines: lines().map((old, k) => (k === at() ? { ...old, [setting]: value } : old)) });

  function preset(name) {
    if (name === OWN) return;
    save(PRESETS[name], 0);
    tell();
  }

  function add() {
    const below = answer.lines?.[at()]?.shape || answer.start || [];
    const rank = below.length - 1;
    const kind = rank >= 1 && rank <= 3 ? `Conv${rank}D` : "Dense";
    const fresh = { layer: kind, ...KINDS[kind].start };
    save({ lines: [...lines().slice(0, at() + 1), fresh, ...lines().slice(at() + 1)] }, at() + 1);
    editor.querySelector("select").focus();
    tell();
  }

  function remove() {
    const k = at();
    save({ lines: lines().filter((_, other) => other !== k) }, Math.max(0, k - 1));
    (editor.querySelector("select") || editor.querySelector("button")).focus();
    tell();
  }

  function swap(by) {
    const [k, all] = [at(), [...lines()]];
    [all[k], all[k + by]] = [all[k + by], all[k]];
    save({ lines: all }, k + by);
    tell();
  }

  function become(layer) {
    const { start: fresh, rank } = KINDS[layer];
    const old = line();
    const fits = (name) => name in old && (KINDS[old.layer].rank === rank || !Array.isArray(old[name]));
    const means = (name) => KINDS[layer].family === KINDS[old.layer].family || !["padding", "strides"].includes(name);
    const kept = Object.keys(fresh).filter((name) => fits(name) && means(name));
    const next = { layer, ...fresh, ...Object.fromEntries(kept.map((name) => [name, old[name]])) };
    save({ lines: lines().map((other, k) => (k === at() ? next : other)) });
    tell();
  }

  // -------------------------------------------------------------------------------------------------- what is drawn

  function refresh() {
    answer = follow(model.get("stack"));
    start.value = names.find((name) => alike(PRESETS[name], model.get("stack"))) || OWN;
    drawTable();
    drawEditor();
    drawErrors();
    drawRules();
  }

  function drawTable() {
    const held = table.contains(document.activeElement) && document.activeElement.dataset.line;
    const good = (answer.lines || []).filter((found) => found.shape);
    const whole = answer.lines && good.length === answer.lines.length;
    const sums = COUNTS.map((name) => total(good.map((found) => found[name])));
    const heads = h("tr", {}, HEADS.map((text) => h("th", { scope: "col" }, text)));
    const rows = lines().map((given, k) => {
      const pressed = { "aria-pressed": String(k === at()), "data-line": String(k), "aria-label": `line ${k + 1}, ${keras(given)}` };
      const name = h("th", { scope: "row" }, button(keras(given), () => open(k), pressed));
      return h("tr", {}, name, cellsOfLine(answer.lines?.[k], whole ? sums : []));
    });
    const foot = h("tr", {}, h("th", { scope: "row" }, "together"), h("td", {}),
      sums.map((n) => h("td", {}, whole ? fmt(n) : "–")), h("td", {}), h("td", {}));
    table.replaceChildren(h("thead", {}, heads), h("tbody", {}, rows), h("tfoot", {}, foot));
    if (held) table.querySelector(`[data-line="${held}"]`)?.focus();
  }


  // Behind a count stands its share of the sum, as a bar.
  function cellsOfLine(found, sums) {
    if (found?.shape) {
      const share = (k) => `--v:${Math.round((100 * found[COUNTS[k]]) / (sums[k] || Infinity))}%`;
      const counts = COUNTS.map((name, k) => h("td", { style: share(k) }, fmt(found[name])));
      const [shape, field, jump] = [sizeText(found.shape), byAxis(found.field), byAxis(found.jump)];
      return [h("td", {}, shape), ...counts, h("td", {}, field), h("td", {}, jump)];
    }
    const text = found?.error ? found.error.text : "waits for what stands above";
    return h("td", { colspan: HEADS.length - 1, class: found?.error ? "bh-wrong" : "bh-wait" }, text);
  }

  function open(k) {
    model.set("at", k);
    model.save_changes();
    tell();
  }

  function drawEditor() {
    const key = lines().length ? `${at()} of ${lines().length}: ${line().layer}` : "none";
    if (key !== drawn) {
      const held = editor.contains(document.activeElement) && document.activeElement.dataset.focus;
      drawn = key;
      editor.replaceChildren(...(lines().length ? openFields() : [button("Add a layer", add)]));
      editor.setAttribute("aria-label", lines().length ? `Line ${at() + 1} of ${lines().length}` : "No layer yet");
      if (held) (editor.querySelector(`[data-focus="${held}"]:enabled`) || editor.querySelector("select"))?.focus();
    }
    for (const [name, { write }] of Object.entries(fields)) if (lines().length) write(line()[name]);
    shape.write(model.get("stack").input);
  }

  function openFields() {
    const labels = [...new Set(Object.values(KINDS).map((kind) => kind.label))];
    const groups = labels.map((text) => {
      const kinds = Object.keys(KINDS).filter((name) => KINDS[name].label === text);
      return h("optgroup", { label: text }, kinds.map((name) => h("option", { value: name }, name)));
    });
    const which = h("select", { "data-focus": "layer", onchange: () => become(which.value) }, groups);
    fields = { layer: withSentence("layer", h("label", { class: "bh-flow" }, `Line ${at() + 1}`, which), which, "value") };
    for (const name of Object.keys(KINDS[line().layer].start)) {
      fields[name] = settingField(line().layer, name, (value) => change(name, value), tell);
    }
    const last = at() === lines().length - 1;
    const buttons = [
      button("Add a layer below", add, { disabled: lines().length >= MOST, "data-focus": "add" }),
      button("Remove", remove, { "data-focus": "remove" }),
      button("Up", () => swap(-1), { disabled: at() === 0, "aria-label": "Move up", "data-focus": "up" }),
      button("Down", () => swap(1), { disabled: last, "aria-label": "Move down", "data-focus": "down" }),
    ];
    const [shown, sentences] = ["label", "error"].map((part) => Object.values(fields).map((one) => one[part]));
    return [h("div", { class: "bh-flow bh-controls" }, shown), ...sentences, h("div", { class: "bh-flow" }, buttons)];
  }

  function drawErrors() {
    const wrong = answer.error || answer.lines[at()]?.error;
    for (const [name, { input, error }] of Object.entries({ ...fields, input: shape })) {
      const here = wrong?.at === name;
      error.textContent = here ? wrong.text : "";
      error.hidden = !here;
      if (here) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }

  function drawRules() {
    const found = answer.lines?.[at()];
    const good = Boolean(found?.shape);
    rules.replaceChildren(...(good ? Object.entries(RULES) : []).filter(([name]) => found.said[name]).flatMap(([name, text]) =>
      [h("dt", {}, text), ...[found.said[name]].flat().map((rule) => h("dd", {}, rule))]));
    code.textContent = good ? `layers.${keras(line())}` : "";
    code.parentElement.hidden = !good;
    copies[0].disabled = !good;
    copies[1].disabled = !answer.lines?.length || answer.lines.some((other) => !other.shape);
  }

  // ---------------------------------------------------------------------------------------------------- what is told

  function speak(text) {
    say.textContent = text;
  }

  function tell() {
    if (answer.error) return speak(answer.error.text);
    if (!lines().length) return speak("The stack is empty.");
    const wrong = answer.lines.findIndex((found) => found.error);
    if (wrong >= 0) return speak(`Line ${wrong + 1}: ${answer.lines[wrong].error.text}`);
    const { shape: out, parameters } = answer.lines[at()];
    const all = total(answer.lines.map((found) => found.parameters));
    speak(`Line ${at() + 1} gives ${sizeText(out)} and has ${plural(parameters, "parameter")}; `
      + `the stack has ${plural(all, "parameter")}.`);
  }

  async function copy(text, what) {
    await toClipboard(text, root);
    speak(`Copied ${what} as Keras code.`);
  }

  const heard = () => refresh();
  for (const name of ["stack", "at"]) model.on(`change:${name}`, heard);
  refresh();
  tell();
  return () => {
    for (const name of ["stack", "at"]) model.off(`change:${name}`, heard);
  };
}

const core = { follow, parse, shownAs, keras, program };
export { core };
export default { render };
