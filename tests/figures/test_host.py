"""The built page: figures drawn from widget state by host.js, several on a page, nothing else on board."""

import html
import json

from ipywidgets.embed import embed_data

from byhand.figures import stage
from byhand.figures.share import drop, share
from byhand.figures.widget import lean, source

from .cases import CASES

AFM = ["get", "off", "on", "save_changes", "send", "set"]  # what a front end module may use, and no more


def of(*figures):
    data = embed_data(views=list(figures), drop_defaults=False)
    return data["view_specs"], data["manager_state"]["state"]


def module_only(text):
    """A view and the state of a widget that is nothing but this module."""
    return [{"model_id": "one"}], {"one": {"state": {"_esm": text, "n": 1}}}


def test_figures_of_a_page_share_nothing(built):
    first, second = CASES["conv2d"].demo(), CASES["conv1d"].demo()
    page, said, asked = built(*of(first, second))
    page.wait_for_function("document.querySelectorAll('.byhand').length === 2")
    page.get_by_role("button", name="Step").first.click()
    lines = page.locator(".bh-say").all_inner_texts()
    assert lines[0].startswith("step 1 of ") and not lines[1].startswith("step ")
    assert said == [] and asked == []


def test_figures_are_drawn_while_the_page_is_still_read(chromium, tmp_path):
    views, state = of(CASES["conv2d"].demo(), CASES["lstm"].demo())
    kept = json.dumps({"state": state}).replace("<", "\\u003c")
    data = '<script type="application/vnd.jupyter.widget-{}+json">{}</script>'.format
    file = tmp_path / "page.html"
    file.write_text(
        f'<!doctype html><meta charset="utf-8"><title>Page</title>{data("state", kept)}'
        f"<script>{source('host/host.js')}</script>"
        f"<main>{''.join(data('view', json.dumps(view)) for view in views)}</main>"
        f'<script src="late.js"></script>',
        encoding="utf-8",
    )
    page, late = chromium.new_page(), []
    page.route("**/late.js", lambda route: late.append(route))
    page.goto(file.as_uri(), wait_until="commit")
    page.wait_for_function("document.querySelectorAll('.byhand').length === 2")
    assert page.evaluate("document.readyState") == "loading"
    late[0].abort()
    page.close()


def test_a_shared_program_stands_once_and_draws_every_figure(built):
    views, state = of(CASES["conv2d"].demo(), CASES["conv2d"].demo(), CASES["lstm"].demo())
    whole = json.dumps(state)
    share(state)
    share(state)  # a page that is written again
    shared = json.dumps(state)
    alike = sum(len(lean(source(name))) for name in stage.ALIKE)
    assert len(shared) < len(whole) - len(stage.module("conv")) - alike
    page, said, _ = built(views, state)
    page.wait_for_function("document.querySelectorAll('.byhand').length === 3")
    assert said == [] and page.locator(".byhand [role=grid]").count() > 8


def test_comments_stay_at_home():
    written = '// first\nconst a = "http://x";  \n\n  b({ // why\n    c, // where\n    "d; //e",\n  }); // "how"'
    assert lean(written) == 'const a = "http://x";\nb({c,"d; //e",\n});'


def test_a_widget_that_cannot_be_drawn_leaves_no_state(built):
    views, state = of(CASES["conv2d"].demo())
    state["button"] = {"model_name": "FileUploadModel", "state": {"value": []}}
    drop(state)
    assert "button" not in state
    page, said, _ = built([*views, {"model_id": "button"}], state)
    page.wait_for_function("document.querySelectorAll('.byhand').length === 1")
    assert said == []


def test_two_views_of_one_figure_move_together(built):
    figure = CASES["conv2d"].demo()
    views, state = of(figure)
    page, _, _ = built(views * 2, state)
    page.wait_for_function("document.querySelectorAll('.byhand').length === 2")
    page.get_by_role("button", name="Step").first.click()
    lines = page.locator(".bh-say").all_inner_texts()
    assert lines[0] == lines[1] and lines[0].startswith("step 1 of ")


def test_the_still_gives_way_to_the_figure_and_returns_without_script(built, chromium):
    page, _, _ = built(*of(CASES["conv2d"].demo()))
    page.wait_for_selector(".byhand")
    assert not page.locator(".byhand-still").is_visible()
    plain = chromium.new_context(java_script_enabled=False)
    silent = plain.new_page()
    silent.goto(page.url)
    assert silent.locator(".byhand").count() == 0
    assert silent.locator(".byhand-still").evaluate_all("all => all.length") == 1
    plain.close()


def test_a_module_sees_the_six_methods_and_no_more(built):
    page, said, _ = built(
        *module_only("export default { render({ model, el }) { el.textContent = Object.keys(model).sort().join(); } };")
    )
    page.wait_for_function("document.querySelector('main').innerText.trim()")
    assert page.locator("main").inner_text().strip() == ",".join(AFM)
    assert said == []


def test_listeners_hear_changes_until_they_leave(built):
    page, _, _ = built(
        *module_only(
            """export default () => ({
              initialize({ model }) { model.set("n", 2); },
              render({ model, el }) {
                const heard = [];
                const act = () => heard.push(model.get("n"));
                model.on("change:n", act);
                model.set("n", 3); model.set("n", 3);
                model.off("change:n", act);
                model.set("n", 4);
                el.textContent = JSON.stringify([heard, model.get("n")]);
              },
            });"""
        )
    )
    page.wait_for_function("document.querySelector('main').innerText.trim()")
    assert page.locator("main").inner_text().strip() == "[[3],4]"


def test_a_broken_module_says_so(built):
    page, said, _ = built(*module_only("export default { render() { throw new Error('no ink'); } };"))
    page.wait_for_function("document.querySelector('main').innerText.trim()")
    assert page.locator("main").inner_text().strip() == "This figure could not be drawn: no ink"
    assert len(said) == 1


def test_titles_are_escaped():
    figure = CASES["conv2d"].demo()
    figure.trace = figure.trace | {"title": "</title><b>"}
    assert html.escape("</title><b>") in figure.to_html() and "</title><b>" not in figure.to_html()
