"""The stage: one anywidget class that shows any trace, live in a notebook and from its state in a static page."""

import functools
import importlib

import traitlets

from . import stills
from .widget import Figure, lean, source


def rule_of(figure):
    return importlib.import_module(f"byhand.figures.{figure}")


# What every figure has, last in its module: a page carries it once for all kinds of figures (see share.py).
ALIKE = ("core.js", "table.js", "controls.js", "save.js", "stage.js")


@functools.cache
def module(figure):
    """The ES module of a figure: the rule inside a function of its own, what only this figure draws, the stage."""
    given = "retrace, OPERATIONS, factors, reading, termValue, frameValue, product, cells, ravel, unravel"
    windows = ["windows"] if getattr(rule_of(figure), "WINDOWS", False) else []
    rule = "\n".join(source(f"rules/{part}.js") for part in ["arrays", *windows, figure])
    own = f"const {{ {given} }} = (() => {{\n{rule}\nreturn {{ {given} }};\n}})();\n"
    names = [name for name in ("wires", "groups", "curve") if getattr(rule_of(figure), name.upper(), False)]
    views = [*(source(f"{name}.js") for name in names), f"const views = [{', '.join(names)}];"]
    return lean("\n".join([own, *views, *map(source, ALIKE)]))


class Stage(Figure):
    """A figure. Every trait may be read and set while it is on view.

    trace    what is drawn (plain JSON, see `byhand.figures.trace`)
    t        the step, from 0 (nothing lit) to the number of frames
    mode     "explore", "predict" or "bug"
    params   the settings; setting them traces again with the NumPy layer
    edits    the reader's numbers by panel, {"x": {"shape": [...], "data": [...]}}; as params
    answers  what the reader answered: {"asked", "right", "log": [{"question", "given", "right"}]}
    """

    _css = source("stage.css")
    state = ("trace", "t", "mode", "params", "edits", "answers")
    still_type = "image/svg+xml"

    trace = traitlets.Dict().tag(sync=True)
    t = traitlets.Int(0, min=0).tag(sync=True)
    mode = traitlets.Enum(["explore", "predict", "bug"], "explore").tag(sync=True)
    params = traitlets.Dict().tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)

    def __init__(self, figure, params, data, mode="explore", t=0):
        self.rule = rule_of(figure)
        self.data = data
        self._esm = module(figure)
        trace = self.rule.trace(params, data)
        super().__init__(trace=trace, params=trace["params"], mode=mode, t=t)

    @traitlets.validate("params", "edits")
    def _traceable(self, proposal):
        """Refuse, with the rule's sentence, settings that make no figure."""
        if self.trace:
            now = {"params": self.params, "edits": self.edits, proposal["trait"].name: proposal["value"]}
            try:
                self.rule.trace(now["params"], self.data, now["edits"])
            except ValueError as error:
                raise traitlets.TraitError(str(error)) from None
        return proposal["value"]

    @traitlets.observe("params", "edits")
    def _retrace(self, change):
        if self.trace and (self.trace["params"], self.trace["edits"]) != (self.params, self.edits):
            self.trace = self.rule.trace(self.params, self.data, self.edits)

    @property
    def title(self):
        return self.trace["title"]

    def still(self):
        """The figure as SVG text: its first and some later steps, for print and for pages without JavaScript."""
        return stills.svg(self.trace)
