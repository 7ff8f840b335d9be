"""How much there is to read: the lines of code of a layer and of what it stands on."""

import ast
import functools
import inspect
import sys
import textwrap

from byhand import layers

# What all layers share is not counted again for each of them.
SHARED = {"activations", "arguments", "base", "constraints", "initializers", "lookup", "regularizers", "spatial",
          "symbols"}  # fmt: skip


@functools.cache
def tree(thing):
    return ast.parse(textwrap.dedent(inspect.getsource(thing)))


def code_lines(thing):
    """Lines of a class or function that hold code: no blank lines, comments or docstrings."""
    held = set()
    for node in ast.walk(tree(thing)):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not is_text:
            last = node.lineno if hasattr(node, "body") else node.end_lineno
            held.update(range(node.lineno, last + 1))
        if isinstance(node, ast.FunctionDef):  # a signature may take several lines
            held.update(range(node.lineno, node.body[0].lineno))
    return len(held)


def stands_on(thing, found=None):
    """`thing` and every class and function of the layer library that its code names, and theirs in turn."""
    found = {} if found is None else found
    module = thing.__module__
    if thing in found or not module.startswith("byhand.layers") or module.rpartition(".")[2] in SHARED:
        return found
    found[thing] = True
    names = {node.id for node in ast.walk(tree(thing)) if isinstance(node, ast.Name)}
    for name in sorted(names):
        other = vars(sys.modules[module]).get(name)
        if inspect.isclass(other) or inspect.isfunction(other):
            stands_on(other, found)
    return found


def count(name):
    """Lines of code to read for the layer of this name: its own and those of all it stands on."""
    return sum(map(code_lines, stands_on(getattr(layers, name))))
