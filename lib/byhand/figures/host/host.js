// Draws a built page's figures from the widget state that MyST-NB leaves: no kernel, no request, no RequireJS.
// Each anywidget gets a model with the six methods that a front end may use.

(() => {
  const read = (kind) => [...document.querySelectorAll(`[type="application/vnd.jupyter.widget-${kind}+json"]`)];

  function modelOf(state) {
    const heard = {};
    const tell = (name, ...news) => [...(heard[name] || [])].forEach((act) => act(...news));
    return {
      get: (key) => state[key],
      set(key, value) {
        if (Object.is(state[key], value)) return;
        state[key] = value;
        tell(`change:${key}`, undefined, value);
        tell("change");
      },
      on: (names, act) => names.split(" ").forEach((name) => (heard[name] ||= []).push(act)),
      off: (names, act) =>
        (names ? names.split(" ") : Object.keys(heard)).forEach((name) => {
          heard[name] = act ? (heard[name] || []).filter((other) => other !== act) : [];
        }),
      save_changes() {},
      send() {},
    };
  }

  const { state: states } = JSON.parse(read("state")[0].textContent);
  // share.py: the beginning of a text, a widget whose text ends alike, and how long that end is.
  const join = (key, [own, id, end]) => own + text(key, states[id].state[key]).slice(-end);
  const text = (key, given) => (Array.isArray(given) ? join(key, given) : given);
  const models = {};
  const begun = new Set();
  const style = document.createElement("style");

  // A blob would queue behind the theme's files.
  const load = ({ _esm }) => import(`data:text/javascript,${encodeURIComponent(_esm)}`);

  for (const { state } of Object.values(states)) {
    if (!state._esm) continue;
    for (const key of ["_esm", "_css"]) state[key] = text(key, state[key] || "");
    if (!style.textContent.includes(state._css)) style.append(state._css);
    load(state).catch(() => {}); // draw() tells
  }
  document.head.append(style);

  async function draw(view) {
    begun.add(view);
    const id = JSON.parse(view.textContent).model_id;
    const state = states[id]?.state;
    if (!state?._esm) return;
    const el = document.createElement("div");
    view.before(el);
    try {
      const { default: given } = await load(state);
      const widget = typeof given === "function" ? await given() : given;
      const fresh = !models[id];
      const model = (models[id] ||= modelOf(state));
      if (fresh) await widget.initialize?.({ model });
      await widget.render?.({ model, el });
    } catch (error) {
      el.textContent = `This figure could not be drawn: ${error.message}`;
      console.error(error);
    }
  }

  // A figure is drawn once its view is read, long before formulas are set.
  const watch = new MutationObserver(look);
  function look() {
    for (const view of read("view")) {
      if (!begun.has(view) && /}\s*$/.test(view.textContent)) draw(view);
    }
    if (document.readyState !== "loading") watch.disconnect();
  }
  watch.observe(document, { childList: true, subtree: true, characterData: true });
  look();
})();
