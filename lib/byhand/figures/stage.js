// The stage draws a trace (see trace.py), steps through it and asks about it. It knows nothing of layers: the rule of
// the figure, `retrace`, core.js, table.js, controls.js and `views`, what may be drawn besides the panels, stand before
// it in the same module. No state outside render().

const MODES = { explore: "Explore", predict: "Predict", bug: "Find the bug" };

function render({ model, el }) {
  let shown; // the trace on view
  let right; // the same by the right rule
  let picked = null; // the cell whose uses are lit
  let refused = null; // {params, error}: a setting that makes no figure
  let turn = 0; // which question, which bug
  const luck = Math.floor(Math.random() * 60); // with which bug to begin
  let ask = null; // the question {..., done}
  let asked = []; // the questions that had their answer
  let bug = null; // the wrong rule {name, label, trace, choices, found, done}
  let timer = null;
  let armed = false; // the pointer went down on a cell that was picked already
  let tiles = {}; // cells of the page by key; a panel may be drawn twice
  const first = { params: model.get("params"), edits: model.get("edits") };

  const say = h("p", { class: "bh-say", role: "status", "aria-live": "polite" });
  const sum = h("p", { class: "bh-sum" });
  const title = h("p", { class: "bh-title" });
  const switches = h("div", { class: "bh-flow" });
  const controls = h("div", { class: "bh-flow bh-controls" });
  const prompt = h("div", { class: "bh-flow bh-ask", role: "group" });
  const panels = h("div", { onclick, onpointerdown, onfocusin, onkeydown });
  const slider = h("input", { type: "range", min: 0, "aria-label": "step", oninput: () => go(Number(slider.value)) });
  const clock = h("span", { class: "bh-quiet", "aria-hidden": "true" });
  const play = button("Play", toggle, { "aria-pressed": "false" });
  const onward = (by) => go(model.get("t") + by);
  const steps = [button("Back", () => onward(-1)), button("Step", () => onward(1)), play, slider, clock];
  const time = h("div", { class: "bh-flow bh-time" }, steps);
  const copies = [button("Copy as Keras", () => copy("keras")), button("Copy as NumPy", () => copy("numpy"))];
  const keep = button("Save", () => speak(savePage(model, shown.title, panels)));
  const tools = h("div", { class: "bh-flow" }, button("Reset", reset), copies, keep);
  const receipt = h("p", { class: "bh-quiet" });
  const help = "Keys: arrows, Home, End move in a grid; Enter edits; “.” and “,” step on and back; Esc clears.";
  const head = h("div", { class: "bh-flow bh-top" }, title, switches);
  const parts = [head, controls, prompt, panels, time, say, sum, tools, receipt, h("p", { class: "bh-quiet" }, help)];
  const props = { class: "byhand", role: "group", onkeydown: onshortcut };
  const root = h("div", { ...props, onmouseover: (event) => link(event.target) }, parts);
  const beside = views.map((view) => view(panels));
  el.append(root);

  // ------------------------------------------------------------------------------------------- what is on view

  function compute(params, wrong) {
    const trace = model.get("trace");
    const edits = model.get("edits");
    if (!wrong && same(params, trace.params) && same(edits, trace.edits)) return trace;
    const fresh = retrace(params, { ...trace.data, ...edits }, wrong);
    const what = Object.keys(edits).length ? "Edited" : "Other settings";
    return { ...trace, ...fresh, edits, receipt: `${what}: recomputed in your browser by the same rule.` };
  }

  const settings = () => refused?.params || model.get("params");
  const open = () => Boolean((ask && !ask.done) || (bug && !bug.found));

  function refresh() {
    const mode = model.get("mode");
    const fresh = compute(model.get("params"));
    right = fresh.error ? right || model.get("trace") : fresh;
    if (mode === "predict") ask ||= { ...nextQuestion(right, turn, asked) };
    if (mode === "bug") bug ||= hideBug();
    shown = bug?.trace || right;
    root.setAttribute("aria-label", `Figure: ${shown.title}`);
    title.textContent = shown.title;
    receipt.textContent = bug?.trace ? "One rule is wrong here, on purpose." : shown.receipt;
    for (const draw of [drawSwitches, drawControls, drawPanels, drawPrompt, paint]) draw();
  }

  function hideBug() {
    const known = right.bugs.map((b) => ({ ...b, trace: compute(right.params, b.name) }));
    const visible = known.filter((b) => wrongCells(right, b.trace).length);
    if (!visible.length) return { found: true, done: true };
    const hidden = visible[(turn + luck) % visible.length];
    // Another wrong rule that shows the same numbers cannot be told from this one: it is not offered.
    const choices = known.filter((b) => b.name === hidden.name || wrongCells(hidden.trace, b.trace).length);
    return { ...hidden, choices };
  }

  // Everything that belongs to one question or bug goes; what was answered is not asked again.
  function restart(changes) {
    if (ask?.done || bug?.done) turn++;
    ask = bug = picked = null;
    stop();
    speak("");
    save({ t: 0, ...changes });
    refresh();
  }

  function redraw(place, children) {
    const held = place.contains(document.activeElement) && document.activeElement.dataset;
    place.replaceChildren(...children);
    for (const key of held ? ["focus", "cell"] : []) {
      if (held[key]) place.querySelector(`[data-${key}="${held[key]}"]`)?.focus();
    }
  }

  function drawSwitches() {
    const modes = Object.keys(MODES).filter((m) => m !== "bug" || shown.bugs.length);
    const now = modes.indexOf(model.get("mode"));
    const mode = choiceButtons("mode", "mode", modes.map((m) => MODES[m]), now, (k) => restart({ mode: modes[k] }));
    const others = shown.controls.filter((c) => c.look === "switch").map((c) => {
      const chosen = c.options.findIndex((o) => same(o, pick(settings(), c.name)));
      return choiceButtons(c.name, c.label, c.options.map(optionText(c)), chosen, (k) => set(c.name, c.options[k]));
    });
    redraw(switches, [mode, ...others]);
  }

  function drawControls() {
    const plain = shown.controls.filter((c) => c.look !== "switch");
    redraw(controls, plain.map((c) => h("label", {}, c.label, field(c, pick(settings(), c.name), refused, set))));
  }

  function drawPanels() {
    tiles = {};
    const { veil, hide } = open() && ask ? covers(right, ask) : { veil: [], hide: [] };
    const item = (name) => {
      if (!shown.panels[name]) return h("span", { class: "bh-sign", "aria-hidden": "true" }, name);
      const cover = { veiled: veil.includes(name), hidden: hide.includes(name) };
      return panelTable(name, shown.panels[name], { ...cover, change: (i) => editable([name, i]), tiles });
    };
    // A sign stays on one line with the panel after it.
    const joined = (row) => row.reduce((all, name, k) => {
      if (k && !shown.panels[row[k - 1]]) all[all.length - 1].push(item(name));
      else all.push([item(name)]);
      return all;
    }, []);
    const rows = shown.layout.map((row) => joined(row).map((items) => h("div", { class: "bh-item" }, items)));
    redraw(panels, rows.map((items) => h("div", { class: "bh-flow bh-row" }, items)));
  }

  function editable([name, i]) {
    return Boolean(model.get("mode") === "explore" && shown.panels[name].edit && !hatched(shown.panels[name]).has(i));
  }

  function drawPrompt() {
    const lines = [];
    // In the order of the alphabet, so that no place gives the answer away.
    const ordered = (texts) => texts.map((text, k) => [text, k]).sort();
    const options = (texts, act) => lines.push(...ordered(texts).map(([text, k]) => button(text, () => act(k))));
    const tell = (text) => lines.push(h("p", {}, text));
    if (ask) {
      tell(ask.prompt);
      if (!ask.done && ask.kind === "choice") options(ask.options, answer);
      if (!ask.done && (ask.kind === "number" || ask.kind === "shape")) {
        const placeholder = ask.kind === "shape" && "such as 2, 2, 1";
        const input = h("input", { type: "text", "aria-label": "your answer", autocomplete: "off", placeholder });
        const onsubmit = (event) => (event.preventDefault(), answer(input.value));
        lines.push(h("form", { class: "bh-flow", onsubmit }, input, h("button", {}, "Check")));
      }
    } else if (bug && !bug.trace) tell("No wrong rule would show under these settings. Change one and come back.");
    else if (bug && !bug.found) tell("One rule is wrong. Select the cell that betrays it.");
    else if (bug && !bug.done) {
      tell("Found. Which rule is broken?");
      options(bug.choices.map((b) => `Because ${b.label}`), nameBug);
    } else if (bug) tell(`Because ${bug.label}. Step through it and watch it go wrong.`);
    const on = () => {
      restart();
      (prompt.querySelector("input, button") || panels.querySelector("td"))?.focus();
    };
    if (ask?.done || (bug?.done && bug.trace)) lines.push(button(ask ? "Next question" : "Next bug", on));
    const { asked, right: good } = model.get("answers");
    if (lines.length && asked) lines.push(h("p", { class: "bh-quiet" }, `${good} of ${asked} right`));
    prompt.replaceChildren(...lines);
    prompt.setAttribute("aria-label", lines[0]?.textContent || "");
    prompt.hidden = !lines.length;
    time.hidden = open();
  }

  // ------------------------------------------------------------------------------------------------------ light

  const light = (cell, look) => tiles[keyOf(cell)]?.forEach((tile) => tile.classList.add(look));

  function paint() {
    const all = open() ? 0 : shown.frames.length; // how many steps there are would tell, too
    const t = Math.min(model.get("t"), all);
    for (const tile of Object.values(tiles).flat()) {
      tile.classList.remove("bh-src", "bh-see", "bh-to", "bh-use", "bh-win", "bh-later", "bh-hot");
      tile.removeAttribute("aria-selected");
    }
    slider.max = all;
    slider.value = t;
    slider.setAttribute("aria-valuetext", `step ${t} of ${all}`);
    clock.textContent = `${t} / ${all}`;
    sum.replaceChildren();
    const frame = shown.frames[t - 1];
    for (const view of beside) {
      const kin = view.paint(shown, tiles, picked || frame?.to || shown.lit, open() && !ask?.wires);
      for (const cell of kin) light(cell, "bh-see");
    }
    if (open()) {
      for (const cell of [ask?.mark, picked]) if (cell) light(cell, "bh-src");
      return ask?.at && light(ask.at, "bh-to");
    }
    if (t) for (const later of shown.frames.slice(t)) light(later.to, "bh-later");
    if (picked) {
      for (const { to, see = [] } of touched(shown, picked)) {
        light(to, "bh-use");
        for (const cell of see) light(cell, "bh-see");
      }
      for (const other of partners(shown, picked)) light(other, "bh-use");
      light(picked, "bh-src");
    }
    if (refused) speak(refused.error);
    else if (frame && (!picked || same(picked, frame.to))) show(frame, `step ${t} of ${all}: `);
    else if (picked) speak(spellUses(shown, picked));
  }

  function show(frame, start) {
    for (const term of frame.terms) for (const cell of cellsOf(term)) light(cell, "bh-src");
    if (/^m(ax|in)$/.test(frame.op)) {
      const values = frame.terms.map((term) => termValue(shown.panels, term));
      for (const cell of cellsOf(frame.terms[values.indexOf(frameValue(shown.panels, frame))])) light(cell, "bh-win");
    }
    for (const cell of frame.see || []) light(cell, "bh-see");
    light(frame.to, "bh-to");
    tiles[keyOf(frame.to)]?.[0].setAttribute("aria-selected", "true");
    for (const tile of panels.querySelectorAll(".bh-src, .bh-to")) intoSight(tile);
    const { left, open: before, parts, between, shut, end, note } = spell(shown, frame);
    const term = (text, k) => [k ? between : "", h("span", { class: "bh-term", "data-term": String(k) }, text)];
    const line = [`${left} = `, before, ...parts.flatMap(term), parts.length ? `${shut} ` : "", end, note];
    const long = parts.length > 12; // too much to be spoken
    say.replaceChildren(start, ...(long ? [`${left} from ${count(parts.length, "term")} ${end}${note}`] : line));
    if (long) sum.replaceChildren(...line);
  }

  function speak(text) {
    say.textContent = text;
  }

  // Over a term, its cells; over a cell, its terms and whom it meets.
  function link(target) {
    for (const hot of root.querySelectorAll(".bh-hot")) hot.classList.remove("bh-hot");
    const frame = shown.frames[model.get("t") - 1];
    if (!frame || open()) return;
    const over = cellAt(target);
    frame.terms.forEach((term, k) => {
      if (over ? !has(cellsOf(term), over) : target.dataset.term !== String(k)) return;
      for (const cell of cellsOf(term)) light(cell, "bh-hot");
      root.querySelector(`[data-term="${k}"]`)?.classList.add("bh-hot");
    });
  }

  // -------------------------------------------------------------------------------------- what the reader does

  function save(changes) {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
    model.save_changes();
  }

  function go(t) {
    picked = null;
    speak("");
    if (t >= shown.frames.length) stop();
    save({ t: Math.max(0, Math.min(t, shown.frames.length)) });
    paint();
  }

  function toggle() {
    if (timer) return stop();
    if (model.get("t") >= shown.frames.length) go(0);
    timer = setInterval(() => onward(1), matchMedia("(prefers-reduced-motion: reduce)").matches ? 2000 : 900);
    playing("Pause", "true");
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    playing("Play", "false");
  }

  function playing(text, pressed) {
    play.textContent = text;
    play.setAttribute("aria-pressed", pressed);
  }

  function select(cell) {
    if (open()) return;
    stop();
    picked = cell;
    const maker = makerOf(shown, cell);
    if (maker >= 0) save({ t: maker + 1 });
    paint();
  }

  // A cell was clicked, tapped or entered: it answers, is edited where `may`, or is selected.
  function act(cell, may) {
    if (open()) judge(cell);
    else if (may && editable(cell)) edit(cell);
    else select(cell);
  }

  function onpointerdown(event) {
    armed = picked && same(cellAt(event.target), picked);
  }

  function onclick(event) {
    const cell = cellAt(event.target);
    if (cell && event.target.tagName === "TD") act(cell, armed);
  }

  function onfocusin(event) {
    const cell = cellAt(event.target);
    if (!cell || event.target.tagName !== "TD") return;
    for (const tile of event.target.closest(".bh-panel").querySelectorAll("td[tabindex]")) tile.tabIndex = -1;
    event.target.tabIndex = 0;
    if (!same(cell, picked)) select(cell);
  }

  function onkeydown(event) {
    const cell = cellAt(event.target);
    if (!cell || event.altKey || event.metaKey) return;
    const to = move(shown.panels[cell[0]], cell[1], event.key, event.ctrlKey);
    if (to !== null) event.target.closest(".bh-panel").querySelector(`[data-cell="${keyOf([cell[0], to])}"]`).focus();
    else if (event.key === "Enter" || event.key === " ") act(cell, true);
    else if (/^[-−\d]$/.test(event.key) && !event.ctrlKey && !open() && editable(cell)) edit(cell, event.key);
    else return;
    event.preventDefault();
  }

  function onshortcut(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // a notebook around it has keys of its own
    if (event.target.type === "text" || open()) return;
    if (event.key === "Escape") go(0);
    else if (event.key === ".") onward(1);
    else if (event.key === ",") onward(-1);
  }

  function edit(cell, start) {
    const [tile] = tiles[keyOf(cell)];
    const old = tile.textContent;
    const name = cellName(shown, cell);
    const input = h("input", { type: "text", "aria-label": `new number for ${name}`, autocomplete: "off" });
    input.value = start ?? old;
    let over = false;
    const finish = (keep) => {
      if (over) return;
      over = true;
      tile.textContent = old;
      const v = readNumber(input.value);
      if (!keep || input.value === old) return;
      if (v === null) return speak(`“${input.value}” is not a number up to a million; ${name} stays ${old}.`);
      save({ edits: { ...model.get("edits"), [cell[0]]: changed(shown.panels[cell[0]], cell[1], v) } });
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      finish(event.key === "Enter");
      tiles[keyOf(cell)][0].focus(); // the input went, and with it the place in the grid
    });
    input.addEventListener("blur", () => finish(true));
    tile.replaceChildren(input);
    input.focus();
    if (!start) input.select();
  }

  function set(name, value) {
    const params = put(settings(), name, value);
    const { error } = compute(params);
    refused = error ? { params, error } : null;
    restart(error ? {} : { params });
  }

  function reset() {
    refused = null;
    ask = bug = null;
    turn = 0;
    asked = [];
    restart(first);
  }

  function answer(given) {
    const { kind } = ask;
    const value = readAnswer(kind, given);
    const such = kind === "shape" ? "2, 2" : "3 or −0.5";
    if (value === null) return speak(`“${given}” is not a ${kind}. Write one such as ${such}.`);
    const good = grade(ask, value);
    ask.done = true;
    asked.push(ask);
    const said = kind === "cell" ? cellName(right, given) : kind === "choice" ? ask.options[given] : given;
    record(ask.prompt, said, good);
    const step = ask.at ? makerOf(right, ask.at) + 1 : 0;
    finishWith({ t: step }, good ? `Right. ${ask.why}` : `Not quite: ${solution(right, ask)}. ${ask.why}`);
  }

  function finishWith(changes, text) {
    picked = null;
    save(changes);
    refresh();
    speak(text);
    prompt.querySelector("button")?.focus();
  }

  function record(question, given, good) {
    const { asked = 0, right: before = 0, log = [] } = model.get("answers");
    const entry = { question, given: String(given), right: good };
    save({ answers: { asked: asked + 1, right: before + Number(good), log: [...log, entry] } });
  }

  function judge(cell) {
    const where = panelsAsked(ask);
    if (where.includes(cell[0])) return answer(cell);
    if (ask) return where.length && speak(`The question asks for a cell of ${where.join(" or ")}.`);
    const maker = makerOf(right, cell);
    if (maker < 0) return speak(`${cellName(right, cell)} is given. A wrong rule shows in a number that was made.`);
    picked = cell;
    paint();
    const name = cellName(right, cell);
    if (!has(wrongCells(right, shown), cell)) {
      return speak(`That cell is right: ${spell(right, right.frames[maker]).text}. Look elsewhere.`);
    }
    bug.found = true;
    const [should, shows] = [right, shown].map((trace) => fmt(trace.panels[cell[0]].data[cell[1]]));
    bug.verdict = `Found: ${name} should be ${should}, shows ${shows}`;
    finishWith({ t: 0 }, `${bug.verdict}. Which rule is broken?`);
  }

  function nameBug(k) {
    const choice = bug.choices[k];
    record("Which rule is broken?", choice.label, choice.name === bug.name);
    if (choice.name !== bug.name) return speak(`No: not because ${choice.label}. Try another.`);
    bug.done = true;
    finishWith({}, `${bug.verdict}, because ${bug.label}.`);
  }

  async function copy(which) {
    await toClipboard(shown.code[which], root);
    speak(`Copied the present setting as ${which === "keras" ? "Keras" : "NumPy"} code.`);
  }

  const heard = { t: paint, answers: drawPrompt, trace: refresh, params: refresh, edits: refresh, mode: remode };
  function remode() {
    ask = bug = picked = null;
    refresh();
  }
  for (const [name, act] of Object.entries(heard)) model.on(`change:${name}`, act);
  refresh();
  if (!model.get("t") && !open()) speak(`${count(shown.frames.length, "step")}. Press Step, or select a cell.`);
  return () => {
    stop();
    for (const view of beside) view.end();
    for (const [name, act] of Object.entries(heard)) model.off(`change:${name}`, act);
  };
}

export { core };
export default { render };
