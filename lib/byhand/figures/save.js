// A figure as a page of its own: the file that to_html() writes, with the present state, and in place of the still what
// `view` shows. Each mark in the template names a trait, `view` or the title.
function savePage(model, title, view) {
  const still = `<div class="${view.closest(".byhand").className}">${view.innerHTML}</div>`;
  const whole = { title: new Option(title).innerHTML, still, css: model.get("_css") };
  whole.module = model.get("_esm").split("\nexport ")[0];
  const trait = (name) => JSON.stringify(model.get(name)).replaceAll("<", "\\u003c");
  const page = model.get("_page").replace(/{{(\w+)}}/g, (mark, name) => whole[name] ?? trait(name));
  const download = `${title.match(/\w+/g).join("-")}.html`;
  h("a", { href: `data:text/html;charset=utf-8,${encodeURIComponent(page)}`, download }).click();
  return `Saved as ${download}, a page that needs nothing else.`;
}
