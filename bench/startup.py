"""How long a reader waits: from starting Python to the library, and from opening a page to its first figure."""

import statistics
import subprocess
import sys
import time


def import_seconds(count=9):
    """Median seconds from starting Python to `import byhand.layers` done, with what Python and NumPy alone take."""

    def once(code):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    codes = {"byhand": "import byhand", "byhand.layers": "import byhand.layers", "numpy": "import numpy", "python": ""}
    taken = {name: [] for name in codes}
    for _ in range(count):
        for name, code in codes.items():
            taken[name].append(once(code))
    return {name: statistics.median(times) for name, times in taken.items()}


def first_figure_seconds(page, count=5):
    """Median seconds from opening a page from disk to its first figure drawn, in the installed browser."""
    from playwright.sync_api import sync_playwright

    from tests.browser import path

    taken = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path(), args=["--no-sandbox"])
        for _ in range(count):
            tab = browser.new_page()
            tab.add_init_script(
                "new MutationObserver((_, o) => { if (document.querySelector('.byhand [role=grid]'))"
                " { window.drawn = performance.now(); o.disconnect(); } })"
                ".observe(document, {childList: true, subtree: true})"
            )
            tab.goto(page.as_uri())
            tab.wait_for_function("window.drawn > 0")
            taken.append(tab.evaluate("window.drawn") / 1000)
            tab.close()
        browser.close()
    return statistics.median(taken)
