"""Copies of a chapter for a class.

    python -m byhand.exercises.student CHAPTER.ipynb COPY.ipynb              for students: no solutions
    python -m byhand.exercises.student --nbgrader CHAPTER.ipynb COPY.ipynb   for teachers: source of an assignment

Cells are known by their tags: exercise, ex-stub, ex-check, solution.
"""

import argparse
import ast
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

EXERCISE = re.compile(r"^(`{3,}|:{3,})\{exercise\}[ \t]*(.*?)\n(.*?)^\1[ \t]*$", re.M | re.S)
SOLUTION = re.compile(r"^(`{3,}|:{3,})\{solution-(start|end)\}.*?^\1[ \t]*$", re.M | re.S)
ADMONITION = re.compile(r"^(`{3,}|:{3,})\{admonition\}[ \t]*(.*?)\n(.*?)^\1[ \t]*$", re.M | re.S)
PAGE = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\w+:|#)[^)\s]+\)|\{doc\}`([^`<]+?)(?: *<[^`>]+>)?`")
CHECK = re.compile(r"""^check\(["']([\w.]+)["'],""", re.M)
HIDDEN = '### BEGIN HIDDEN TESTS\nimport os\n\nos.environ["BYHAND_STRICT"] = "1"\n{check}\n### END HIDDEN TESTS'


@dataclass
class Found:
    """The cells of one exercise."""

    exercise_id: str
    stub: dict
    check: dict
    solution: dict | None = None


def student_copy(notebook):
    """The notebook (as parsed JSON) without solutions and outputs; exercises stand under plain headings."""
    notebook = cleared(notebook)
    for found in exercises(notebook["cells"]):
        found.stub["source"] = f"# exercise: {found.exercise_id}\n{found.stub['source']}"
    notebook["cells"] = without_solutions(notebook["cells"])
    return notebook


def nbgrader_source(notebook):
    """The notebook as source of an nbgrader assignment: each solution inside its stub, each check with a strict twin.

    Raises ValueError if an exercise has no solution that fits its stub.
    """
    notebook = cleared(notebook)
    for found in exercises(notebook["cells"]):
        points = found.check["metadata"].get("exercise", {}).get("points", 1)
        strict = next(line for line in found.check["source"].splitlines() if CHECK.match(line))
        found.stub["source"] = f"# exercise: {found.exercise_id}\n{solved(found)}"
        found.check["source"] += "\n" + HIDDEN.format(check=strict)
        name = found.exercise_id.replace(".", "-")
        mark(found.stub, name, solution=True, grade=False, locked=False)
        mark(found.check, f"{name}-check", solution=False, grade=True, locked=True, points=points)
    notebook["cells"] = without_solutions(notebook["cells"])
    return notebook


def cleared(notebook):
    """A copy with sources as strings and without outputs."""
    notebook = json.loads(json.dumps(notebook))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook


def tagged(cell, tag):
    return tag in cell["metadata"].get("tags", [])


def exercises(cells):
    """The Found exercises in order. Raises ValueError if a stub and a check do not alternate."""
    found, stub = [], None
    for cell in (c for c in cells if c["cell_type"] == "code"):
        if tagged(cell, "ex-stub"):
            stub = cell
        elif tagged(cell, "ex-check"):
            named = CHECK.search(cell["source"])
            if stub is None or named is None:
                raise ValueError(
                    f'a cell tagged ex-check needs a stub before it and check("...", ...): {cell["source"]!r}'
                )
            found.append(Found(named[1], stub, cell))
            stub = None
        elif tagged(cell, "solution") and found and CHECK.search(cell["source"]):
            found[-1].solution = cell
    return found


def without_solutions(cells):
    """The cells without solutions. What stands beside a solution's fences in a text cell stays.

    A copy is read without the book around it: links to other pages become text, boxes become what Jupyter can show.
    """
    kept, number = [], 0
    for cell in cells:
        if cell["cell_type"] == "markdown":
            if tagged(cell, "solution") or SOLUTION.search(cell["source"]):
                cell["source"] = outside(cell["source"])
                cell["metadata"].pop("tags", None)
            number += len(EXERCISE.findall(cell["source"]))
            cell["source"] = EXERCISE.sub(lambda m, n=number: heading(m, n), cell["source"])
            cell["source"] = PAGE.sub(lambda m: m[1] or m[2], ADMONITION.sub(folded, cell["source"]))
            if cell["source"].strip():
                kept.append(cell)
        elif not tagged(cell, "solution"):
            kept.append(cell)
    return kept


def outside(text):
    """The text before a solution's start and after its end; nothing where neither stands in it."""
    start, end = (
        re.search(SOLUTION.pattern.replace("start|end", which), text, re.M | re.S) for which in ("start", "end")
    )
    before = text[: start.start()] if start else ""
    after = text[end.end() :] if end else ""
    return f"{before.strip()}\n\n{after.strip()}".strip()


def heading(fence, number):
    """The matched {exercise} fence as a heading and text."""
    body = re.sub(r"\A(\s*:[\w-]+:.*\n)*", "", fence[3]).strip()
    title = f": {fence[2].strip()}" if fence[2].strip() else ""
    return f"### Exercise {number}{title}\n\n{body}"


def folded(fence):
    """The matched {admonition} fence as a part to open if the book folds it, else as text under its title."""
    options = re.match(r"(\s*:[\w-]+:.*\n)*", fence[3])[0]
    title, body = fence[2].strip(), fence[3][len(options) :].strip()
    if "dropdown" in options:
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
    return f"**{title}**\n\n{body}"


def solved(found):
    """The stub's source with the solution between nbgrader's markers."""
    if found.solution is None:
        raise ValueError(f"{found.exercise_id} has no cell tagged solution that calls check")
    source = found.solution["source"]
    tree, lines = ast.parse(source), source.splitlines()
    call = next(n for n in tree.body if isinstance(n, ast.Expr) and CHECK.match(ast.get_source_segment(source, n)))
    answer, stub = call.value.args[1], ast.parse(found.stub["source"]).body[-1]
    defined = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    if not isinstance(stub, ast.FunctionDef):
        name = ast.unparse(stub.targets[0])
        return marked(found.stub["source"], [f"{name} = {ast.get_source_segment(source, answer)}"])
    solution = defined.get(getattr(answer, "id", None))
    if solution is None or ast.unparse(solution.args) != ast.unparse(stub.args):
        raise ValueError(f"{found.exercise_id}: stub and solution must be functions of the same arguments")
    aside = [n for n in tree.body if n not in (call, solution)]
    helpers = [line for n in aside for line in lines[n.lineno - 1 : n.end_lineno]]
    first = next(n for n in solution.body if not is_docstring(n))
    body = lines[first.lineno - 1 : solution.end_lineno]
    last = [n for n in stub.body if is_docstring(n)]
    head = found.stub["source"].splitlines()[: (last[-1].end_lineno if last else stub.body[0].lineno - 1)]
    text = marked("\n".join(head), body, "    ")
    return f"{marked('', helpers)}\n\n{text}".strip() if helpers else text


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def marked(head, lines, indent=""):
    region = [f"{indent}### BEGIN SOLUTION", *lines, f"{indent}### END SOLUTION"]
    return "\n".join([head, *region] if head else region)


def mark(cell, grade_id, **flags):
    cell["metadata"]["nbgrader"] = {"schema_version": 3, "grade_id": grade_id, "task": False, **flags}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nbgrader", action="store_true", help="make the source of an nbgrader assignment")
    parser.add_argument("chapter", type=Path)
    parser.add_argument("copy", type=Path)
    asked = parser.parse_args(arguments)
    if not asked.chapter.is_file():
        sys.exit(f"There is no notebook {asked.chapter}.")
    if asked.copy.exists() and asked.copy.samefile(asked.chapter):
        sys.exit("The copy needs a name of its own: it would overwrite the chapter.")
    notebook = json.loads(asked.chapter.read_text(encoding="utf-8"))
    try:
        made = nbgrader_source(notebook) if asked.nbgrader else student_copy(notebook)
    except ValueError as problem:
        sys.exit(f"{asked.chapter}: {problem}")
    asked.copy.parent.mkdir(parents=True, exist_ok=True)
    asked.copy.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    many = len(exercises(made["cells"]))
    print(f"{asked.copy}: {many} exercises")


if __name__ == "__main__":
    main()
