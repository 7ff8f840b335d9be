"""What the labs share: a file, a few controls, one sentence, and a plot that follows them.

Only what ipywidgets 7.7 (Colab) and 8 both have is used.
"""

import contextlib
import html
import sys
from pathlib import Path

import ipywidgets as widgets

MOST_BYTES = 50_000_000
VIEW = "application/vnd.jupyter.widget-view+json"
# Where a kernel runs the live lab stands right below its still, which then says nothing new.
STYLE = "<style>.jp-OutputArea-child:has(+ .jp-OutputArea-child .byhand-lab) { display: none; }</style>"

NOTE = (
    "<p>This is a picture of the lab. To use it, run this page as a notebook: the rocket at its top opens it in Colab, "
    "<code>make lab</code> on your own machine.</p>"
)


class Lab:
    """A subclass hands its rows of controls to this __init__ and gives `title`, `accept`, and two methods.

    take(name, data): make this file, given as bytes, the one that is shown. Raises ValueError with a sentence.
    draw(): (the plot as HTML, its alt text, a sentence) for the settings as they are. Raises ValueError likewise.

    file: path of the reader's own file; without it the book's data are shown until a file is chosen.
    A wrong file or setting raises nothing: it gets a sentence, and the last plot stays.
    """

    accept = title = ""

    def __init__(self, controls, file=None):
        self.upload = widgets.FileUpload(accept=self.accept, multiple=False, description="Your file")
        self.said, self.plot = widgets.HTML(), widgets.HTML()
        self.alt, self.waiting = "", False
        rows = [widgets.HBox([self.upload, *controls[0]]), *map(widgets.HBox, controls[1:])]
        for row in rows:
            row.layout.flex_flow = "row wrap"
            row.layout.align_items = "center"
        self.box = widgets.VBox([widgets.HTML(STYLE), *rows, self.said, self.plot])
        self.box.add_class("byhand-lab")
        self.upload.observe(self.uploaded, "value")
        self.follow(control for row in controls for control in row)
        self.refresh()
        if file is not None:
            self.open(file)

    def follow(self, controls):
        """Draw anew when one of the controls, or of those inside, changes."""
        for control in controls:
            if control.has_trait("value"):
                control.observe(lambda change: self.refresh(), "value")
            self.follow(getattr(control, "children", ()))

    @contextlib.contextmanager
    def quiet(self):
        """Inside, the lab's own code may change several controls, and nothing is drawn."""
        before, self.waiting = self.waiting, True
        try:
            yield
        finally:
            self.waiting = before

    def uploaded(self, change):
        chosen = latest(change["new"])
        if chosen:
            self.load(*chosen)

    def open(self, path):
        """Load the file at `path`."""
        try:
            self.load(Path(path).name, Path(path).read_bytes())
        except OSError:
            self.say(f"There is no file {str(path)!r} that can be read.")

    def load(self, name, data):
        """Show the file `name` with the bytes `data` instead of what is shown."""
        if len(data) > MOST_BYTES:
            self.say(f"{name} has {len(data) // 1_000_000} million bytes; at most {MOST_BYTES // 1_000_000} are read.")
            return
        try:
            with self.quiet():
                self.take(name, data)
        except ValueError as problem:
            self.say(f"{name}: {problem}")
            return
        self.refresh()

    def refresh(self):
        """Draw for the settings as they are now."""
        if self.waiting:
            return
        try:
            self.plot.value, self.alt, sentence = self.draw()
        except ValueError as problem:
            sentence = str(problem)
        self.say(sentence)

    def say(self, sentence):
        self.said.value = f'<p role="status">{html.escape(sentence)}</p>'

    def __repr__(self):
        return f"Live lab, {self.title}: run this cell to use it"

    def _ipython_display_(self):
        from IPython.display import display

        if "google.colab" not in sys.modules:  # there a kernel always runs, and nothing would hide the still
            display({"text/html": self.plot.value + NOTE, "text/plain": self.alt}, raw=True)
        view = {"model_id": self.box.model_id, "version_major": 2, "version_minor": 0}
        display({VIEW: view, "text/plain": repr(self)}, raw=True)


def latest(value):
    """(name, bytes) of the file a FileUpload holds; None if it holds none.

    value: in ipywidgets 7 a dict name -> {"content": bytes, ...}, since 8 a tuple of {"name", "content": memoryview}.
    """
    files = value.items() if isinstance(value, dict) else [(file["name"], file) for file in value]
    return [(name, bytes(file["content"])) for name, file in files][-1] if files else None
