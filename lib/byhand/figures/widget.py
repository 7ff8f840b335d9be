"""What every figure of the book is: an anywidget that a notebook, a built page and a file of its own draw alike."""

import functools
import html
import json
import pathlib
import re
import sys

import anywidget

HERE = pathlib.Path(__file__).parent
COMMENT = re.compile(r"(?<=[;,{]) // .*$")  # behind code; nowhere else do these marks stand before two slashes


@functools.cache
def source(name):
    return (HERE / name).read_text(encoding="utf-8")


def lean(script):
    """The script without comments and empty lines, indented by one at most: a page carries it once for every figure."""
    lines = [COMMENT.sub("", line) for line in script.splitlines()]
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("//")]
    return "\n".join(" " * line.startswith(" ") + line.strip() for line in lines)


class Figure(anywidget.AnyWidget):
    """A subclass gives `state`, the names of its traits, `title`, and `still()` with its type, `still_type`."""

    still_type = "text/html"

    def __repr__(self):
        return f"Figure: {self.title}"

    def _ipython_display_(self):
        from IPython.display import display

        if "google.colab" not in sys.modules:  # there a kernel always runs, and nothing would hide the still
            display({self.still_type: self.still(), "text/plain": repr(self)}, raw=True)
        bundle = self._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display({**data, "text/plain": repr(self)}, metadata=metadata, raw=True)

    def to_html(self, path=None):
        """One self-contained page as text; written to `path` if one is given."""
        plain = json.dumps({name: getattr(self, name) for name in self.state}, ensure_ascii=False)
        page = source("page.html")
        for mark, text in {
            "{title}": html.escape(self.title),
            "{css}": self._css,
            "{still}": self.still(),
            "{module}": self._esm.split("\nexport ", 1)[0],
            "{state}": plain.replace("<", "\\u003c"),
        }.items():
            page = page.replace(mark, text)
        if path is not None:
            pathlib.Path(path).write_text(page, encoding="utf-8")
        return page
