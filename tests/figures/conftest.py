"""Pages of figures that may not reach the network, and what they must keep free of."""

import json

import pytest

from byhand.figures.stage import module, source


@pytest.fixture(scope="session")
def pages(chromium):
    """pages(key, **context) is a page that stays open for all tests: to open a new one takes most of a test's time."""
    kept = {}

    def page(key, **context):
        key = (key, *sorted((name, str(value)) for name, value in context.items()))
        if key not in kept:
            kept[key] = chromium.new_context(**context).new_page()
            kept[key].add_init_script(COUNT_TIMERS + SAME_CHANCE)
        return kept[key]

    yield page
    for page in kept.values():
        page.context.close()


@pytest.fixture
def draw(pages, tmp_path):
    """draw(figure, **context) writes figure.to_html(), opens it from disk and returns the page.

    At the end no page may have asked for anything but itself, nor have written to the console."""
    opened, asked, said = [], [], []

    def note(message):
        said.append(message.text)

    def fail(error):
        said.append(str(error))

    def open_page(figure, width=1000, height=800, **context):
        page = pages(len(opened), viewport={"width": width, "height": height}, **context)
        opened.append(page)
        file = tmp_path / f"figure{len(opened)}.html"
        figure.to_html(file)

        def only_disk(route):
            if route.request.url == file.as_uri() or route.request.url.startswith("data:"):
                return route.continue_()
            asked.append(route.request.url)
            return route.abort()

        page.on("console", note)
        page.on("pageerror", fail)
        page.route("**/*", only_disk)
        page.goto(file.as_uri())
        page.wait_for_selector(".byhand")
        return page

    yield open_page
    for page in opened:
        page.unroute_all()
        page.remove_listener("console", note)
        page.remove_listener("pageerror", fail)
        page.goto("about:blank")
        page.mouse.move(0, 0)
    assert asked == [] and said == []


COUNT_TIMERS = """
window.timers = 0;
for (const name of ["setTimeout", "setInterval", "requestAnimationFrame"]) {
  const real = window[name].bind(window);
  window[name] = (...given) => { window.timers += 1; return real(...given); };
}
"""
# With which bug a figure begins is chance; here the same numbers come in every run (Park and Miller 1988).
SAME_CHANCE = """
let chance = 1;
Math.random = () => (chance = (chance * 48271) % 2147483647) / 2147483647;
"""


@pytest.fixture(scope="session")
def core(chromium):
    """core(figure) is a page with `core`, what stage.js exports for tests, of that figure's module."""
    page, loaded = chromium.new_page(), set()

    def load(figure):
        if figure not in loaded:
            loaded.add(figure)
            page.evaluate(
                """async ([figure, text]) => {
                  const address = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
                  (window.cores ||= {})[figure] = (await import(address)).core;
                }""",
                [figure, module(figure)],
            )
        return page

    yield load
    page.close()


@pytest.fixture
def built(chromium, tmp_path):
    """built(views, state) opens a page as MyST-NB writes it: the state, the views in their cells, host.js last."""
    contexts, said, asked = [], [], []

    def open_page(views, state):
        cells = "".join(
            f'<div class="cell_output"><img class="byhand-still" alt="still" src="data:image/svg+xml,"/>'
            f'<script type="application/vnd.jupyter.widget-view+json">{json.dumps(view)}</script></div>'
            for view in views
        )
        kept = json.dumps({"state": state, "version_major": 2, "version_minor": 0}).replace("<", "\\u003c")
        file = tmp_path / "page.html"
        file.write_text(
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,">'
            f"<main>{cells}</main>"
            f'<script type="application/vnd.jupyter.widget-state+json">{kept}</script>'
            f"<script>{source('host/host.js')}</script></html>",
            encoding="utf-8",
        )
        contexts.append(chromium.new_context())
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        return page, said, [url for url in asked if not url.startswith(("data:", "blob:", file.as_uri()))]

    yield open_page
    for context in contexts:
        context.close()
