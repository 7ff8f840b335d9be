"""Run the notebooks and store their outputs, cleaned of what changes from run to run.

python tools/notebooks.py run [NOTEBOOK ...]     run, clean and write (all chapters if none is named)
python tools/notebooks.py clean [NOTEBOOK ...]   clean and write only
"""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def bootstrap(config):
    """Source of the first code cell: fetches the book's library where it is missing, which is in Colab."""
    wheel = f"{config['html']['baseurl']}wheels/byhand-{version()}-py3-none-any.whl"
    repository = f"git+{config['repository']['url']}@{config['repository']['branch']}"
    return (
        "import importlib.util\n"
        "import sys\n\n"
        'if importlib.util.find_spec("byhand") is None:  # in Colab: the book\'s own library and nothing else\n'
        f'    wheel = "{wheel}"\n'
        f'    repository = "{repository}"\n'
        '    pip = f"{sys.executable} -m pip install -q --no-deps"\n'
        "    !{pip} {wheel} || {pip} {repository}"
    )


def version():
    line = next(li for li in (ROOT / "lib/byhand/__init__.py").read_text().splitlines() if li.startswith("__version__"))
    return line.split('"')[1]


def configuration():
    return yaml.safe_load((ROOT / "_config.yml").read_text())


def chapters():
    return sorted(p for p in (ROOT / "chapters").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def clean(notebook, config):
    """Keep what a reader of the file needs: cells, tags and outputs, with stable ids and no widget state."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    count = 0
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:03}"
        cell.metadata = nbformat.from_dict(
            {k: v for k, v in cell.metadata.items() if k in ("tags", "exercise", "jupyter", "mystnb", "cellView")}
        )
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        if "bootstrap" in cell.metadata.get("tags", []):
            cell.source = bootstrap(config)
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if "execution_count" in output:
                output.execution_count = count
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


async def execute(path, config):
    notebook = nbformat.read(path, as_version=4)
    clean(notebook, config)
    start = time.perf_counter()
    where = {"metadata": {"path": path.parent}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where, coalesce_streams=True)
    try:
        await client.async_execute()
    except CellExecutionError as error:
        return f"{path.relative_to(ROOT)}: a cell failed\n{error}"
    nbformat.write(clean(notebook, config), path)
    print(f"{path.relative_to(ROOT)}  {time.perf_counter() - start:.0f} s", flush=True)
    return None


async def run(paths, config):
    gate = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(path):
        async with gate:
            return await execute(path, config)

    return [e for e in await asyncio.gather(*map(one, paths)) if e]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("run", "clean"))
    parser.add_argument("notebook", nargs="*", type=lambda p: Path(p).resolve())
    asked = parser.parse_args()
    paths, config = asked.notebook or chapters(), configuration()
    if asked.action == "clean":
        for path in paths:
            nbformat.write(clean(nbformat.read(path, as_version=4), config), path)
        return
    errors = asyncio.run(run(paths, config))
    if errors:
        sys.exit("\n".join(errors))


if __name__ == "__main__":
    main()
