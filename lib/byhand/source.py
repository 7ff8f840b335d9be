"""The library's own code on the page: what a chapter shows is what runs."""

import ast
import inspect
import textwrap
from pathlib import Path

LIBRARY = Path(__file__).parent


def show_source(*objects, docstring=True):
    """Display the source of functions, classes or methods (`Conv2D.call`), highlighted, each under its file's name.

    docstring: False leaves the docstrings out. Raises TypeError for something that has no Python source.
    """
    from IPython.display import display

    if not objects:
        raise TypeError("show_source needs a function, a class or a method: show_source(Conv2D.call)")
    parts = [(where(each), source(each, docstring)) for each in objects]
    fence = "````" if any("```" in code for _, code in parts) else "```"
    marked = "\n\n".join(f"`{place}`\n\n{fence}python\n{code}\n{fence}" for place, code in parts)
    plain = "\n\n".join(f"# {place}\n{code}" for place, code in parts)
    display({"text/markdown": marked, "text/plain": plain}, raw=True)


def source(thing, docstring=True):
    """The source of `thing` as one string, moved to the left margin."""
    thing = bare(thing)
    code = textwrap.dedent("".join(inspect.getsourcelines(thing)[0])).rstrip()
    return code if docstring else without_docstrings(code)


def where(thing):
    """The file of `thing` and its name: "byhand/layers/convolution.py: Conv2D.call". A line number would move.

    What is called _, such as the derivative of an activation, has no name: the line above its def says what it is.
    """
    thing = bare(thing)
    path = Path(inspect.getsourcefile(thing))
    file = path.relative_to(LIBRARY.parent).as_posix() if path.is_relative_to(LIBRARY) else path.name
    return file if thing.__qualname__ == "_" else f"{file}: {thing.__qualname__}"


def bare(thing):
    """The function or class behind a method, a property or a decorator."""
    thing = thing.fget if isinstance(thing, property) else thing
    thing = inspect.unwrap(getattr(thing, "__func__", thing))
    if not (inspect.isfunction(thing) or inspect.isclass(thing)) or thing.__module__ == "builtins":
        raise TypeError(f"show_source takes a function, a class or a method written in Python; got {thing!r}")
    return thing


def without_docstrings(code):
    lines = code.splitlines()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) and len(node.body) > 1:
            first, last = node.body[0].lineno - 1, node.body[0].end_lineno
            lines[first:last] = [None] * (last - first)
    kept = [line for line in lines if line is not None]
    # A blank line that stood between docstring and body would now open the body.
    return "\n".join(line for i, line in enumerate(kept) if line.strip() or not kept[i - 1].rstrip().endswith(":"))
