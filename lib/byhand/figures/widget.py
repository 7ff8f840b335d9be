"""What every figure of the book is: an anywidget that a notebook, a built page and a file of its own draw alike."""

import functools
import html
import json
import pathlib
import re
import sys

import anywidget
import traitlets

HERE = pathlib.Path(__file__).parent
COMMENT = re.compile(r"(?<=[;,{]) // .*$")  # behind code; nowhere else do these marks stand before two slashes
BREAK = re.compile(r"^((?!.*//).*[;,{(\[])\n(?!export )", re.M)
MARK = re.compile(r"{{(\w+)}}")


@functools.cache
def source(name):
    return (HERE / name).read_text(encoding="utf-8")


def lean(script):
    """The script without comments, indents, and line breaks that nothing hangs on: a page carries it once."""
    lines = [COMMENT.sub("", line).strip() for line in script.splitlines()]
    lines = [line for line in lines if line and not line.startswith("//")]
    return BREAK.sub(r"\1", "\n".join(lines))


class Figure(anywidget.AnyWidget):
    """A subclass gives `state`, the names of its traits, `title`, and `still()` with its type, `still_type`."""

    still_type = "text/html"
    _page = traitlets.Unicode().tag(sync=True)  # the template of a page of its own, which a browser can fill as well

    def __repr__(self):
        return f"Figure: {self.title}"

    def _ipython_display_(self):
        from IPython.display import display

        if "google.colab" not in sys.modules:  # there a kernel always runs, and nothing would hide the still
            display({self.still_type: self.still(), "text/plain": repr(self)}, raw=True)
        bundle = self._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display({**data, "text/plain": repr(self)}, metadata=metadata, raw=True)

    @traitlets.default("_page")
    def _template(self):
        state = ", ".join(f'"{name}": {{{{{name}}}}}' for name in (*self.state, "_page"))
        return source("page.html").replace("{{state}}", f"{{{state}}}")

    def to_html(self, path=None):
        """One self-contained page as text; written to `path` if one is given. In the browser, "Save" gives the same."""
        whole = {
            "title": html.escape(self.title, quote=False),
            "css": self._css,
            "still": self.still(),
            "module": self._esm.split("\nexport ", 1)[0],
        }

        def fill(mark):
            name = mark[1]
            if name in whole:
                return whole[name]
            return json.dumps(getattr(self, name), ensure_ascii=False).replace("<", "\\u003c")

        page = MARK.sub(fill, self._page)
        if path is not None:
            pathlib.Path(path).write_text(page, encoding="utf-8")
        return page
