"""What an exercise puts on the page: HTML where a notebook shows it, plain words everywhere else."""

import sys


def show(markup, plain):
    """Display `markup`, with `plain` for whatever cannot show HTML; outside a notebook print `plain`."""
    if not in_notebook():
        print(plain)
        return
    from IPython.display import display

    display({"text/html": markup, "text/plain": plain}, raw=True)


def folded(summary, body):
    """A line that opens to show `body`: without JavaScript, with mouse, keyboard and screen reader. Both are HTML."""
    return f"<details><summary>{summary}</summary>{body}</details>"


def in_notebook():
    """Whether a notebook shows what is displayed."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")
