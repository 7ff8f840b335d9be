// Elements, buttons and the fields of a figure's settings.

// An element; "on..." are listeners, false and null are left out.
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value || value === 0) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((c) => c || c === 0));
  return element;
}

const button = (text, onclick, props) => h("button", { type: "button", onclick, ...props }, text);

// A row of buttons of which one is pressed.
function choiceButtons(name, label, texts, chosen, act) {
  const props = (k) => ({ "aria-pressed": String(k === chosen), "data-focus": name + k });
  const buttons = texts.map((text, k) => button(text, () => act(k), props(k)));
  return h("div", { class: "bh-switch", role: "group", "aria-label": label }, buttons);
}

const optionText = (c) => (o, k) => c.labels?.[k] ?? (Array.isArray(o) ? o.join(", ") : String(o));

// The field of a control with its present value; set(name, value) is called with what the reader chooses.
function field(c, value, refused, set) {
  const props = { "aria-label": c.label, "data-focus": c.name, "aria-invalid": refused && "true" };
  if (c.kind === "flag") {
    const onchange = (event) => set(c.name, event.target.checked);
    return h("input", { ...props, type: "checkbox", checked: value && "checked", onchange });
  }
  if (c.kind === "range") {
    const onchange = (event) => set(c.name, Number(event.target.value));
    const { min, max, step } = c;
    return [h("input", { ...props, type: "range", min, max, step, value, onchange }), h("span", {}, fmt(value))];
  }
  const options = c.options.some((o) => same(o, value)) ? c.options : [...c.options, value];
  const option = (o, k) => h("option", { value: k, selected: same(o, value) && "selected" }, optionText(c)(o, k));
  const onchange = (event) => set(c.name, options[event.target.value]);
  return h("select", { ...props, onchange }, options.map(option));
}

// Copy a text; where a page may not reach the clipboard, through a field that is selected for a moment.
async function toClipboard(text, root) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", {}, text);
    root.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
