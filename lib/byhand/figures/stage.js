// The stage draws a trace (see trace.py), steps through it and asks about it. It knows nothing of layers: the rule of the
// figure, `retrace`, and core.js stand before it in the same module. No state outside render().

const MODES = { explore: "Explore", predict: "Predict", bug: "Find the bug" };

function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== undefined && value !== false && value !== null) element.setAttribute(key, value);
  }
  element.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

function render({ model, el }) {
  const button = (text, act, props = {}) => h("button", { type: "button", onclick: act, ...props }, text);
  const save = (changes) => {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
    model.save_changes();
  };

  let shown; // the trace on view
  let right; // the same by the right rule
  let picked = null; // the cell whose uses are lit
  let refused = null; // {params, error} of a setting that makes no figure
  let turn = 0; // which question, which bug
  let ask = null; // the open question: {..., done}
  let bug = null; // the hidden bug: {name, label, choices, found, done}
  let timer = null;
  let armed = false; // the pointer went down on a cell that was picked already
  let tiles = {}; // panel name -> cells of the table by flat place

  const say = h("p", { class: "bh-say", role: "status", "aria-live": "polite" });
  const sum = h("p", { class: "bh-sum" });
  const title = h("p", { class: "bh-title" });
  const switches = h("div", { class: "bh-switches" });
  const controls = h("div", { class: "bh-controls" });
  const panels = h("div", { class: "bh-panels", onclick: onClick, onpointerdown: onDown, onfocusin: onFocus, onkeydown: onKey });
  const prompt = h("div", { class: "bh-ask" });
  const receipt = h("p", { class: "bh-receipt" });
  const slider = h("input", { type: "range", min: 0, "aria-label": "step", oninput: () => go(Number(slider.value)) });
  const clock = h("span", { class: "bh-clock", "aria-hidden": "true" });
  const play = button("Play", toggle, { "aria-pressed": "false" });
  const time = h("div", { class: "bh-time" },
    button("Back", () => go(model.get("t") - 1)), button("Step", () => go(model.get("t") + 1)), play, slider, clock);
  const tools = h("div", { class: "bh-tools" },
    button("Reset", reset), button("Copy as Keras", () => copy("keras", "Keras")), button("Copy as NumPy", () => copy("numpy", "NumPy")));
  const keys = h("p", { class: "bh-keys" },
    "Keys: arrows, Home and End move in a grid; Enter changes a number; “.” and “,” step on and back; Esc clears.");
  const root = h("div", { class: "byhand", role: "group", "data-lm-suppress-shortcuts": "true", onkeydown: onShortcut },
    h("div", { class: "bh-top" }, title, switches), controls, prompt, panels, say, sum, time, tools, receipt, keys);
  root.addEventListener("mouseover", (event) => link(event.target));
  el.append(root);

  // --- what is on view

  function compute(params, wrong) {
    const trace = model.get("trace");
    const edits = model.get("edits");
    if (!wrong && same(params, trace.params) && same(edits, trace.edits)) return trace;
    const fresh = retrace(params, { ...trace.data, ...edits }, wrong);
    const receipt = "Edited: recomputed in your browser by the same rule.";
    return fresh.error ? fresh : { ...trace, ...fresh, edits, receipt };
  }

  function refresh() {
    const mode = model.get("mode");
    const fresh = compute(model.get("params"));
    if (fresh.error) refused = { params: model.get("params"), error: fresh.error };
    else right = fresh;
    if (!right) right = model.get("trace");
    shown = right;
    if (mode === "predict") ask ||= { ...choose(questions(right, turn)) };
    if (mode === "bug") bug ||= hide(right);
    if (bug?.name) shown = { ...bug.trace, receipt: "One rule is wrong here, on purpose." };
    root.setAttribute("aria-label", `Figure: ${shown.title}`);
    title.textContent = shown.title;
    receipt.textContent = shown.receipt;
    drawSwitches();
    drawControls();
    drawPanels();
    drawPrompt();
    paint();
  }

  const choose = (options) => options[turn % options.length];
  const open = () => (ask && !ask.done) || (bug && !bug.found);
  const restart = () => ((ask = bug = picked = null), stop());

  function hide(trace) {
    const known = trace.bugs.map((b) => ({ ...b, trace: compute(trace.params, b.name) }));
    const visible = known.filter((b) => wrongCells(trace, b.trace).length);
    return visible.length ? { ...choose(visible), choices: trace.bugs } : { found: true, done: true };
  }

  function radio(name, legend, options, value, change) {
    const buttons = Object.entries(options).map(([key, text]) =>
      button(text, () => change(key), { "aria-pressed": String(key === value), "data-focus": `${name}:${key}` }));
    return h("div", { class: "bh-switch", role: "group", "aria-label": legend }, ...buttons);
  }

  function drawSwitches() {
    const modes = Object.fromEntries(Object.entries(MODES).filter(([m]) => m !== "bug" || shown.bugs.length));
    keepFocus(switches, [
      radio("mode", "mode", modes, model.get("mode"), setMode),
      ...shown.controls.filter((c) => c.look === "switch").map((c) => {
        const options = Object.fromEntries(c.options.map((o, k) => [k, c.labels?.[k] ?? String(o)]));
        const value = c.options.findIndex((o) => same(o, pick(settings(), c.name)));
        return radio(c.name, c.label, options, String(value), (k) => setParam(c.name, c.options[k]));
      }),
    ]);
  }

  const settings = () => refused?.params || model.get("params");

  function drawControls() {
    keepFocus(controls, shown.controls.filter((c) => c.look !== "switch").map((c) => h("label", {}, c.label, field(c))));
  }

  function field(c) {
    const value = pick(settings(), c.name);
    const props = { "data-focus": c.name, "aria-invalid": refused ? "true" : undefined };
    if (c.kind === "flag") {
      return h("input", { ...props, type: "checkbox", checked: value, onchange: (e) => setParam(c.name, e.target.checked) });
    }
    if (c.kind === "range") {
      const set = (e) => setParam(c.name, Number(e.target.value));
      const number = h("span", {}, fmt(value));
      return h("span", {}, h("input", { ...props, type: "range", min: c.min, max: c.max, step: c.step, value, onchange: set }), number);
    }
    const options = c.options.some((o) => same(o, value)) ? c.options : [...c.options, value];
    const text = (o, k) => c.labels?.[k] ?? (Array.isArray(o) ? o.join(", ") : String(o));
    const set = (e) => setParam(c.name, options[e.target.value]);
    return h("select", { ...props, onchange: set }, ...options.map((o, k) => h("option", { value: k, selected: same(o, value) }, text(o, k))));
  }

  function keepFocus(place, children) {
    const key = place.contains(document.activeElement) && document.activeElement.dataset.focus;
    place.replaceChildren(...children);
    if (key) place.querySelector(`[data-focus="${key}"]`)?.focus();
  }

  function drawPanels() {
    const active = panels.contains(document.activeElement) && document.activeElement.closest("td")?.dataset.cell;
    tiles = {};
    panels.replaceChildren(...shown.layout.map((row) =>
      h("div", { class: "bh-row" }, ...row.map((name) =>
        shown.panels[name] ? drawPanel(name) : h("span", { class: "bh-sign", "aria-hidden": "true" }, name)))));
    if (active) panels.querySelector(`[data-cell="${active}"]`)?.focus();
  }

  function drawPanel(name) {
    const panel = shown.panels[name];
    const made_ = made(shown);
    const veiled = open() && ask && (ask.veil || (ask.kind === "shape" ? made_ : [])).includes(name);
    const hidden = veiled || (open() && ask && (ask.hide || made_).concat(made_).includes(name));
    const inner = coordinates(panel).map((axis) => axis.length);
    const shape = tuple(inner) + (same(inner, panel.shape) ? "" : ` within ${tuple(panel.shape)}`);
    const caption = h("p", { class: "bh-cap" }, h("b", {}, name), ` ${panel.label} `, h("span", {}, veiled ? "" : shape));
    if (veiled) return h("div", { class: "bh-panel" }, caption, h("div", { class: "bh-veil" }, "?"));
    const [rows, columns] = axesOf(panel);
    const rest = panel.shape.map((_, a) => a).filter((a) => a !== rows && a !== columns);
    const blank = hatched(panel);
    const top = panel.look ? Math.max(...panel.data.map(Math.abs)) || 1 : 1;
    const cell = (i) => {
      const v = panel.data[i];
      const text = hidden ? "?" : blank.has(i) ? (panel.padtext || "0").replace("-inf", "−∞") : fmt(v);
      const props = { role: "gridcell", tabindex: i ? -1 : 0, "data-cell": `${name}:${i}`, class: hidden ? "bh-hidden" : v < 0 ? "bh-neg" : "" };
      if (blank.has(i)) Object.assign(props, { class: "bh-pad", "aria-label": `padding ${text}` });
      else if (panel.look && !hidden) props.style = `--v:${Math.round((100 * Math.abs(v)) / (panel.look === "bar" ? 1 : top))}%`;
      props["aria-readonly"] = String(!editable(name, i));
      return ((tiles[name] ||= [])[i] = h("td", props, text));
    };
    const head = (scope, text) => h("th", { scope, role: `${scope === "col" ? "column" : scope}header` }, text);
    const rowNames = panel.names?.[rows];
    const columnNames = panel.names?.[columns];
    const table = (fixed) => {
      const place = (r, c) => {
        const index = panel.shape.map(() => 0);
        rest.forEach((a, n) => (index[a] = fixed[n]));
        if (rows !== null) index[rows] = r;
        index[columns] = c;
        return ravel(index, panel.shape);
      };
      const said = rest.map((a, n) => panel.names?.[a]?.[fixed[n]] ?? `${panel.axes[a]} ${fixed[n]}`).filter((_, n) => panel.shape[rest[n]] > 1);
      const across = [...Array(panel.shape[columns]).keys()];
      const lines = [...Array(rows === null ? 1 : panel.shape[rows]).keys()].map((r) =>
        h("tr", { role: "row" }, rowNames && head("row", rowNames[r]), ...across.map((c) => cell(place(r, c)))));
      const titles = columnNames && h("tr", { role: "row" }, rowNames && h("td", { role: "presentation" }), ...columnNames.map((n) => head("col", n)));
      const label = [`${name}, ${panel.label}`, ...said].join(", ");
      return h("table", { role: "grid", "aria-label": label, class: panel.look && `bh-${panel.look}` },
        said.length > 0 && h("caption", {}, said.join(", ")), h("tbody", { role: "presentation" }, titles, ...lines));
    };
    const blocks = cells(rest.map((a) => panel.shape[a])).map(table);
    return h("div", { class: `bh-panel bh-${panel.role}` }, caption, h("div", { class: "bh-blocks" }, ...blocks));
  }

  const editable = (name, i) => Boolean(shown.panels[name].edit) && !hatched(shown.panels[name]).has(i) && model.get("mode") === "explore";

  function drawPrompt() {
    const done = bug?.done || ask?.done;
    const score = model.get("answers");
    const next = button(bug ? "Next bug" : "Next question", () => ((turn += 1), restart(), speak(""), save({ t: 0 }), refresh()));
    const parts = [];
    if (ask) {
      parts.push(h("p", {}, ask.prompt));
      if (!ask.done && ask.kind === "choice") parts.push(...ask.options.map((o, k) => button(o, () => answer(k))));
      if (!ask.done && ["number", "shape"].includes(ask.kind)) {
        const input = h("input", { type: "text", "aria-label": "your answer", autocomplete: "off", placeholder: ask.kind === "shape" ? "e.g. 2, 2, 1" : undefined });
        const check = (event) => (event.preventDefault(), answer(input.value));
        parts.push(h("form", { onsubmit: check }, input, h("button", {}, "Check")));
      }
    }
    if (bug && !bug.name) parts.push(h("p", {}, "No wrong rule would show under these settings. Change a setting and come back."));
    else if (bug && !bug.found) parts.push(h("p", {}, "One rule is wrong. Select the cell that betrays it."));
    else if (bug && !bug.done) {
      parts.push(h("p", {}, "Found. Which rule is broken?"), ...bug.choices.map((b) => button(`Because ${b.label}`, () => nameBug(b))));
    } else if (bug) parts.push(h("p", {}, `Found, because ${bug.label}. Step through it to watch it go wrong.`));
    if (done && (ask || bug.name)) parts.push(next);
    if (parts.length && score.asked) parts.push(h("p", { class: "bh-score" }, `${score.right} of ${score.asked} right`));
    prompt.replaceChildren(...parts);
    prompt.hidden = !parts.length;
    time.hidden = Boolean(open());
  }

  // --- light

  function paint() {
    const t = Math.min(model.get("t"), shown.frames.length);
    for (const cell of panels.querySelectorAll("td[data-cell]")) {
      cell.classList.remove("bh-src", "bh-to", "bh-use", "bh-win", "bh-later", "bh-hot");
      cell.removeAttribute("aria-selected");
    }
    slider.max = shown.frames.length;
    slider.value = t;
    slider.setAttribute("aria-valuetext", `step ${t} of ${shown.frames.length}`);
    clock.textContent = `${t} / ${shown.frames.length}`;
    sum.replaceChildren();
    if (open()) {
      if (ask?.at) light(ask.at, "bh-to");
      if (ask?.mark) light(ask.mark, "bh-src");
      if (bug && picked) light(picked, "bh-src");
      return;
    }
    const frame = shown.frames[t - 1];
    if (t) shown.frames.forEach((f, k) => k >= t && light(f.to, "bh-later"));
    if (picked) {
      for (const user of uses(shown, picked)) light(user.to, "bh-use");
      light(picked, "bh-src");
    }
    if (frame && (!picked || same(picked, frame.to))) showFrame(frame, t);
    else if (picked) speak(refused?.error || spellUses(shown, picked));
    else if (refused) speak(refused.error);
  }

  const light = ([name, i], look) => tiles[name]?.[i]?.classList.add(look);

  function showFrame(frame, t) {
    for (const term of frame.terms) for (const f of factors(term)) if (f.panel) light([f.panel, f.index], "bh-src");
    if (frame.op === "max") {
      const values = frame.terms.map((term) => termValue(shown.panels, term));
      light(frame.terms[values.indexOf(Math.max(...values))] || [], "bh-win");
    }
    light(frame.to, "bh-to");
    tiles[frame.to[0]]?.[frame.to[1]]?.setAttribute("aria-selected", "true");
    const { left, open, parts, between, shut, end, note } = spell(shown, frame);
    const start = `step ${t} of ${shown.frames.length}: `;
    const terms = parts.flatMap((text, k) => [k ? between : "", h("span", { class: "bh-term", "data-term": k }, text)]);
    const body = [open, ...terms, parts.length ? `${shut} ` : ""];
    if (parts.length > 12) {
      say.replaceChildren(`${start}${left} from ${count(parts.length, "term")} ${end}${note}`);
      sum.replaceChildren(`${left} = `, ...body, end);
    } else say.replaceChildren(start, `${left} = `, ...body, end + note);
  }

  function speak(text) {
    say.textContent = text;
  }

  // Hover a term: its cells. Hover a cell: its terms.
  function link(target) {
    const frame = shown.frames[model.get("t") - 1];
    for (const hot of root.querySelectorAll(".bh-hot")) hot.classList.remove("bh-hot");
    if (!frame || open()) return;
    const term = target.dataset?.term;
    if (term) for (const f of factors(frame.terms[term])) if (f.panel) light([f.panel, f.index], "bh-hot");
    const cell = target.dataset?.cell;
    if (cell) {
      for (const span of root.querySelectorAll("[data-term]")) {
        const touches = factors(frame.terms[span.dataset.term] || []).some((f) => `${f.panel}:${f.index}` === cell);
        span.classList.toggle("bh-hot", touches);
      }
    }
  }

  // --- what the reader does

  function go(t) {
    picked = null;
    speak("");
    const to = Math.max(0, Math.min(t, shown.frames.length));
    if (to === shown.frames.length) stop();
    save({ t: to });
    paint();
  }

  function toggle() {
    if (timer) return stop();
    if (model.get("t") >= shown.frames.length) go(0);
    const slow = matchMedia("(prefers-reduced-motion: reduce)").matches;
    timer = setInterval(() => go(model.get("t") + 1), slow ? 2000 : 900);
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
  }

  const cellOf = (target) => {
    const key = target.closest?.("td[data-cell]")?.dataset.cell;
    return key && [key.slice(0, key.lastIndexOf(":")), Number(key.slice(key.lastIndexOf(":") + 1))];
  };

  function select(cell) {
    if (open()) return;
    stop();
    picked = cell;
    const maker = makerOf(shown, cell);
    if (maker >= 0) save({ t: maker + 1 });
    paint();
  }

  function onDown(event) {
    armed = picked !== null && same(cellOf(event.target), picked);
  }

  function onFocus(event) {
    const cell = cellOf(event.target);
    if (!cell || event.target.tagName === "INPUT") return;
    panels.querySelectorAll('td[tabindex="0"]').forEach((td) => cellOf(td)[0] === cell[0] && (td.tabIndex = -1));
    event.target.tabIndex = 0;
    if (!same(cell, picked)) select(cell);
  }

  function onClick(event) {
    const cell = cellOf(event.target);
    if (!cell || event.target.tagName === "INPUT") return;
    if (open()) judge(cell);
    else if (armed && editable(...cell)) edit(cell);
    else select(cell);
  }

  function onKey(event) {
    const cell = cellOf(event.target);
    if (!cell || event.target.tagName === "INPUT" || event.altKey || event.metaKey) return;
    const to = move(shown.panels[cell[0]], cell[1], event.key, event.ctrlKey);
    if (to !== null) tiles[cell[0]][to].focus();
    else if (event.key === "Enter" || event.key === " ") {
      if (open()) judge(cell);
      else if (editable(...cell)) edit(cell);
      else select(cell);
    } else if (/^[-−\d]$/.test(event.key) && !event.ctrlKey && editable(...cell)) edit(cell, event.key);
    else return;
    event.preventDefault();
  }

  function onShortcut(event) {
    if (event.target.closest("input[type=text]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      stop();
      picked = null;
      speak("");
      if (!open()) save({ t: 0 });
      paint();
    } else if (!open() && event.key === ".") go(model.get("t") + 1);
    else if (!open() && event.key === ",") go(model.get("t") - 1);
  }

  function edit(cell, start) {
    const [name, i] = cell;
    const tile = tiles[name][i];
    const old = tile.textContent;
    const input = h("input", { type: "text", "aria-label": `new number for ${cellName(shown, cell)}`, autocomplete: "off" });
    input.value = start ?? old;
    let over = false;
    const finish = (keep, refocus) => {
      if (over) return;
      over = true;
      tile.textContent = old;
      if (refocus) tile.focus();
      const v = readNumber(input.value);
      if (keep && v === null) speak(`“${input.value}” is not a number up to a million; ${cellName(shown, cell)} stays ${old}.`);
      else if (keep && input.value !== old) change(cell, v);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") finish(event.key === "Enter", true);
    });
    input.addEventListener("blur", () => finish(true, false));
    tile.replaceChildren(input);
    input.focus();
    if (!start) input.select();
  }

  function change([name, i], v) {
    const panel = shown.panels[name];
    const blank = hatched(panel);
    const data = panel.data.map((old, k) => (k === i ? v : old)).filter((_, k) => !blank.has(k));
    save({ edits: { ...model.get("edits"), [name]: { shape: coordinates(panel).map((axis) => axis.length), data } } });
  }

  function setMode(mode) {
    restart();
    speak("");
    save({ t: 0, mode });
  }

  function setParam(name, value) {
    const params = put(settings(), name, value);
    const fresh = compute(params);
    refused = fresh.error ? { params, error: fresh.error } : null;
    restart();
    if (refused) return refresh();
    speak("");
    save({ t: 0, params });
    refresh();
  }

  function answer(given) {
    const value = ask.kind === "number" ? readNumber(given) : given;
    if (value === null) return speak(`“${given}” is not a number. Write one such as 3 or −0.5.`);
    const good = grade(ask, value);
    ask.done = true;
    record(ask.prompt, ask.kind === "cell" ? cellName(right, given) : ask.kind === "choice" ? ask.options[given] : given, good);
    if (ask.at && made(right).includes(ask.at[0])) save({ t: makerOf(right, ask.at) + 1 });
    refresh();
    const solution = { number: () => fmt(ask.answer), shape: () => tuple(ask.answer), choice: () => ask.options[ask.answer], cell: () => cellName(right, ask.answer[0]) };
    speak(good ? `Right. ${ask.why}` : `Not quite: ${solution[ask.kind]()}. ${ask.why}`);
    prompt.querySelector("button")?.focus();
  }

  function record(question, given, good) {
    const old = model.get("answers");
    const log = [...(old.log || []), { question, given: String(given), right: good }];
    save({ answers: { asked: (old.asked || 0) + 1, right: (old.right || 0) + Number(good), log } });
  }

  function judge(cell) {
    if (ask) return ask.kind === "cell" && answer(cell);
    if (!made(right).includes(cell[0])) return;
    picked = cell;
    paint();
    const name = cellName(right, cell);
    const shows = shown.panels[cell[0]].data[cell[1]];
    if (!has(wrongCells(right, shown), cell)) {
      return speak(`${name} is right: ${spell(right, right.frames[makerOf(right, cell)]).text}. Look elsewhere.`);
    }
    bug.found = true;
    bug.cell = `Found: ${name} should be ${fmt(right.panels[cell[0]].data[cell[1]])} and shows ${fmt(shows)}`;
    picked = null;
    refresh();
    speak(`${bug.cell}. Which rule is broken?`);
    prompt.querySelector("button")?.focus();
  }

  function nameBug(choice) {
    const good = choice.name === bug.name;
    record(`which rule is broken: ${bug.label}`, choice.label, good);
    if (!good) return drawPrompt(), speak("Not this one: it would leave other cells wrong. Try another.");
    bug.done = true;
    refresh();
    speak(`${bug.cell}, because ${bug.label}.`);
    prompt.querySelector("button")?.focus();
  }

  function reset() {
    restart();
    refused = null;
    turn = 0;
    speak("");
    save({ t: 0, params: first.params, edits: first.edits });
    refresh();
  }

  async function copy(which, name) {
    const text = shown.code[which];
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = h("textarea", { "aria-hidden": "true" }, text);
      root.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    speak(`Copied: the present setting as ${name}.`);
  }

  const first = { params: model.get("params"), edits: model.get("edits") };
  const onModel = { "change:t": paint, "change:trace": refresh, "change:params": refresh, "change:edits": refresh, "change:answers": drawPrompt };
  onModel["change:mode"] = () => (restart(), refresh());
  for (const [name, act] of Object.entries(onModel)) model.on(name, act);
  refresh();
  if (!say.textContent && !open()) speak(`${count(shown.frames.length, "step")}. Press Step, or select a cell.`);
  return () => {
    stop();
    for (const [name, act] of Object.entries(onModel)) model.off(name, act);
  };
}

export { core };
export default { render };
