"""The built pages, opened from disk with every request denied."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tools.notebooks import ROOT, chapters

HTML = ROOT / "_build/html"
LOOKED_UP = sorted((ROOT / "chapters").glob("*.md"))
PAGES = [HTML / p.relative_to(ROOT).with_suffix(".html") for p in [*chapters(), *LOOKED_UP]]
WITHOUT_FIGURE = ("part_", *(p.stem for p in LOOKED_UP))
PAGE_BUDGET = 300 * 1024
# How many views the page has of widgets that it holds the state of; a live lab is one that it does not.
VIEWS = """() => {
  const scripts = (kind) => document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${kind}+json"]`);
  const read = (kind) => [...scripts(kind)].map((script) => JSON.parse(script.textContent));
  const states = Object.assign({}, ...read("state").map((page) => page.state));
  return read("view").filter((view) => view.model_id in states).length;
}"""
# The figures have such a test of their own; formulas are MathJax's.
ARTICLE = {"include": [["article"]], "exclude": [[".byhand"], ["mjx-container"]]}


def name(path):
    return path.stem


class Links(HTMLParser):
    """Where a page points, what it loads, and the ids it has."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.ids = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids.update(filter(None, (found.get("id"), found.get("name"))))
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag == "link" and found.get("rel") in ("canonical", "search", "index", "next", "prev"):
            return
        if tag in ("script", "link", "img", "iframe"):
            self.loads.append(found.get("src") or found.get("href") or "")


@pytest.fixture(params=PAGES, ids=name)
def page_file(request):
    assert request.param.exists(), "build the book first: make book"
    return request.param


def test_nothing_is_loaded_from_elsewhere(page_file):
    assert not [u for u in Links(page_file.read_text()).loads if re.match(r"(https?:)?//", u)]


def test_internal_links_lead_somewhere(page_file):
    parsed = {}
    for link in Links(page_file.read_text()).links:
        address = urlsplit(link)
        if address.scheme or address.netloc:
            continue
        target = (page_file.parent / unquote(address.path)).resolve() if address.path else page_file
        assert target.exists(), link
        if address.fragment and target.suffix == ".html":
            ids = parsed.setdefault(target, Links(target.read_text()).ids)
            assert unquote(address.fragment) in ids, link


def test_page_stays_small(page_file):
    text = page_file.read_text()
    text = re.sub(r'(?s)<figure class="byhand-plot.*?</figure>', "", text)
    assert len(text.encode()) <= PAGE_BUDGET


def open_page(browser, path, **options):
    """A page opened from disk that may fetch nothing else, its formulas and figures drawn; (page, errors)."""
    context = browser.new_context(**options)
    page, errors = context.new_page(), []
    page.route(re.compile(r"^(?!file:|blob:|data:)"), lambda route: (errors.append(route.request.url), route.abort()))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function("window.MathJax?.startup?.promise ? MathJax.startup.promise.then(() => true) : true")
    views = page.evaluate(VIEWS)
    page.wait_for_function(f"document.querySelectorAll('.byhand').length >= {views}")
    assert views >= 1 or path.stem.startswith(WITHOUT_FIGURE)
    return page, errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_draws_every_figure_without_an_error(chromium, page_file, scheme):
    page, errors = open_page(chromium, page_file, color_scheme=scheme)
    assert errors == []
    page.context.close()


def test_page_fits_a_phone(chromium, page_file):
    page, errors = open_page(chromium, page_file, viewport={"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert errors == []
    page.context.close()


def test_page_has_no_serious_barrier(chromium, page_file):
    page, _ = open_page(chromium, page_file)
    found = Axe().run(page, context=ARTICLE, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []
    page.context.close()


def test_pictures_have_words(page_file):
    for found in re.findall(r"<img [^>]*>", page_file.read_text()):
        alt = re.search(r'alt="([^"]*)"', found)
        assert alt and len(alt[1]) > 20 or "logo" in found, found
