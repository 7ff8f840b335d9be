// The fields of a layer's settings: each with its label, and a line for the sentence that a bad value gets.

const CHOICES = {
  padding: ["valid", "same"],
  data_format: ["channels_last", "channels_first"],
  activation: [null, ...ACTIVATIONS],
};
const EMPTY = { strides: "pool_size", output_padding: "none" };

// {input, label, error, write}: write(value) shows a value that came from elsewhere.
function withSentence(name, label, input, property, write = (value) => (input[property] = value)) {
  const id = `bh-${name}-${Math.random().toString(36).slice(2)}`; // a page may show several calculators
  const error = h("p", { class: "bh-wrong", id, hidden: true });
  input.setAttribute("aria-describedby", id);
  input.setAttribute("data-focus", name);
  return { input, label, error, write };
}

// For whole numbers. act(value) is called with every key, done() when the reader goes on.
function numbersField(name, text, act, done) {
  const size = name === "input" ? 16 : 6;
  const props = { type: "text", autocomplete: "off", spellcheck: "false", placeholder: EMPTY[name], size };
  const input = h("input", { ...props, oninput: () => act(typed()), onchange: done });
  const typed = () => {
    const value = parse(input.value);
    return SEQUENCES.includes(name) && typeof value === "number" ? [value] : value;
  };
  const write = (value) => {
    if (JSON.stringify(typed()) !== JSON.stringify(value)) input.value = shownAs(value);
  };
  return withSentence(name, h("label", {}, text, input), input, "value", write);
}

// The field that fits a setting of this layer.
function settingField(layer, name, act, done) {
  const { family, start } = KINDS[layer];
  if (typeof start[name] === "boolean") {
    const input = h("input", { type: "checkbox", onchange: () => (act(input.checked), done()) });
    return withSentence(name, h("label", {}, input, name), input, "checked");
  }
  if (!(name in CHOICES) || family === "pad") return numbersField(name, name, act, done);
  const options = layer === "Conv1D" && name === "padding" ? [...CHOICES.padding, "causal"] : CHOICES[name];
  const named = (value) => value ?? "None";
  const choices = options.map((value) => h("option", {}, named(value)));
  const input = h("select", { onchange: () => (act(options[input.selectedIndex]), done()) }, choices);
  return withSentence(name, h("label", {}, name, input), input, "value", (value) => (input.value = named(value)));
}
