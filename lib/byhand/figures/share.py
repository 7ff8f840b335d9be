"""A Sphinx extension: a page carries the state of its figures and no more, and what figures share once.

Jupyter's widget state repeats program and style for every widget. Here a text that is another widget's, or ends like
it, becomes [its own beginning, that widget's id, the length of the common end]; host.js puts them together. Widgets
that it cannot draw, such as those of a live lab, need no state.
"""

import json

SHARED = ("_esm", "_css")
WORTH = 2048  # characters: a shorter common end is left where it is


def setup(app):
    # Before MyST-NB hands the scripts of the page to Sphinx, which it does at the usual priority, 500.
    app.connect("html-page-context", share_on_page, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def share_on_page(app, page, template, context, doctree):
    from myst_nb.sphinx_ import NbMetadataCollector

    for _, options in NbMetadataCollector.get_js_files(app.env, page).values():
        if options.get("type") == "application/vnd.jupyter.widget-state+json":
            states = json.loads(options["body"])
            drop(states["state"])
            share(states["state"])
            options["body"] = json.dumps(states).replace("</", "<\\/")


def drop(states):
    """Remove, in place, every widget without a program of its own."""
    for model_id in [i for i, model in states.items() if "_esm" not in model["state"]]:
        del states[model_id]


def share(states):
    """Leave every text, in place, to the first widget that has it; give the others the beginning and where to look."""
    for key in SHARED:
        first = {}  # a text, and the widget that has it
        for model_id, model in states.items():
            text = model["state"].get(key)
            if not text or isinstance(text, list):
                continue
            whole = text if text in first else next(iter(first), "")
            first.setdefault(text, model_id)
            if (end := common_end(text, whole)) >= WORTH:
                model["state"][key] = [text[: len(text) - end], first[whole], end]


def common_end(one, other):
    """How many characters at the end of both are the same."""
    pairs = zip(reversed(one), reversed(other))
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
