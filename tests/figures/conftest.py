"""Pages of figures that may not reach the network, and what they must keep free of."""

import pytest

from byhand.figures.stage import module


@pytest.fixture
def draw(chromium, tmp_path):
    """draw(figure, **context) writes figure.to_html(), opens it from disk and returns the page.

    At the end no page may have asked for anything but itself, nor have written to the console."""
    contexts, asked, said = [], [], []

    def open_page(figure, width=1000, height=800, **context):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        file = tmp_path / f"figure{len(contexts)}.html"
        figure.to_html(file)

        def only_disk(route):
            if route.request.url == file.as_uri() or route.request.url.startswith("data:"):
                return route.continue_()
            asked.append(route.request.url)
            return route.abort()

        page.route("**/*", only_disk)
        page.add_init_script(COUNT_TIMERS)
        page.goto(file.as_uri())
        page.wait_for_selector(".byhand")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert asked == [] and said == []


COUNT_TIMERS = """
window.timers = 0;
for (const name of ["setTimeout", "setInterval", "requestAnimationFrame"]) {
  const real = window[name].bind(window);
  window[name] = (...given) => { window.timers += 1; return real(...given); };
}
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
