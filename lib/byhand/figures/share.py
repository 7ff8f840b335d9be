"""A Sphinx extension: a page carries the state of its figures and no more, and what figures share once.

Jupyter's widget state repeats program and style for every widget. Here each repetition becomes the id of the widget
that has the text, which host.js follows. Widgets that it cannot draw, such as those of a live lab, need no state.
"""

import json

SHARED = ("_esm", "_css")


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
    """Replace, in place, every text that an earlier widget has by that widget's id."""
    for key in SHARED:
        first = {}
        for model_id, model in states.items():
            text = model["state"].get(key)
            if text and text not in states:
                model["state"][key] = first.setdefault(text, model_id)
        for text, model_id in first.items():
            states[model_id]["state"][key] = text
