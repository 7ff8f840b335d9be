// Draws the figures of a built page from the widget state that MyST-NB leaves in it: no kernel, no request, no RequireJS.
// Each anywidget gets a model with the six methods that a front end may use, and is drawn beside its view script.

(() => {
  const read = (type) => [...document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${type}+json"]`)];

  function modelOf(given) {
    const state = { ...given };
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

  function load(text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    return import(address).finally(() => URL.revokeObjectURL(address));
  }

  const states = Object.assign({}, ...read("state").map((script) => JSON.parse(script.textContent).state));
  // See share.py: the beginning of a text, the id of a widget whose text ends alike, and how long that end is.
  const join = (key, [own, id, end]) => own + text(id, key).slice(-end);
  const text = (id, key) => {
    const given = states[id].state[key];
    return Array.isArray(given) ? join(key, given) : given;
  };
  const modules = {}; // by text
  const program = (id) => (modules[text(id, "_esm")] ||= load(text(id, "_esm")));
  const styles = new Set();
  const models = {};
  const begun = new Set();

  async function draw(view) {
    const id = JSON.parse(view.textContent).model_id;
    const state = states[id]?.state;
    if (!state?._esm) return;
    const place = document.createElement("div");
    view.before(place);
    try {
      const css = text(id, "_css");
      if (css && !styles.has(css)) {
        styles.add(css);
        document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
      }
      const loaded = await program(id);
      const widget = typeof loaded.default === "function" ? await loaded.default() : loaded.default;
      const fresh = !models[id];
      const model = (models[id] ||= modelOf(state));
      if (fresh) await widget.initialize?.({ model });
      await widget.render?.({ model, el: place });
    } catch (error) {
      place.textContent = `This figure could not be drawn: ${error.message}`;
      console.error(error);
    }
  }

  // A figure is drawn once its view script is read, while the browser still reads what follows: the page's formulas and
  // the theme's own scripts wait until all is read.
  function look() {
    const loading = document.readyState === "loading";
    for (const view of read("view")) {
      if (begun.has(view) || (loading && !view.nextSibling)) continue;
      begun.add(view);
      draw(view);
    }
    if (!loading) watch.disconnect();
  }

  for (const id in states) if (states[id].state._esm) program(id);
  const watch = new MutationObserver(look);
  watch.observe(document, { childList: true, subtree: true });
  document.addEventListener("readystatechange", look);
  look();
})();
