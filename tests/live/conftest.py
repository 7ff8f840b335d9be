"""JupyterLab on this machine alone, as `make lab` starts it, but without the settings of whoever runs the tests."""

import importlib.util
import os
import queue
import re
import subprocess
import sys
import threading

import nbformat
import pytest

from tests import browser

LIMIT = 240  # seconds for any one thing to happen; a busy machine may take most of them
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
# Nothing is asked of the network by the server either: no news, no look for a newer version, no list of extensions.
QUIET = {
    "ip": "127.0.0.1",
    "port": 0,
    "IdentityProvider.token": "",
    "ServerApp.allow_root": True,
    "LabApp.expose_app_in_browser": True,
    "LabApp.news_url": "None",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "LabApp.extension_manager": "readonly",
}


@pytest.fixture(scope="session", autouse=True)
def possible():
    """Where something is missing a sentence says so."""
    if importlib.util.find_spec("jupyterlab") is None:
        pytest.skip("JupyterLab is not installed: the figures were not tried live.")
    if browser.path() is None:
        pytest.skip(f"The figures were not tried live. {browser.MISSING}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """(address, folder): a running JupyterLab and the folder of its notebooks. Stopped at the end, come what may."""
    home = tmp_path_factory.mktemp("jupyter")
    folder = home / "notebooks"
    folder.mkdir()
    options = QUIET | {"LabApp.workspaces_dir": home / "workspaces", "LabApp.user_settings_dir": home / "settings"}
    places = {f"JUPYTER_{name}_DIR": home / name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
    nowhere = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy")}
    environment = os.environ | nowhere | {"IPYTHONDIR": home / "ipython"} | places
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", *(f"--{name}={value}" for name, value in options.items())],
        cwd=folder,
        env={name: str(value) for name, value in environment.items()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said, addresses = [], queue.Queue()

    def listen():
        for line in process.stderr:
            said.append(line)
            if found := ADDRESS.search(line):
                addresses.put(found[0])
        addresses.put(None)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        address = addresses.get(timeout=LIMIT)
        assert address, "JupyterLab did not start:\n" + "".join(said)
        yield address, folder
    finally:
        process.terminate()  # with its kernels
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
        listener.join(LIMIT)


OPENED = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"
# Runs a cell of the notebook on view, and gives what it printed.
RUN = """async ([number, limit]) => {
  const late = new Promise((_, no) => setTimeout(() => no(new Error("the cell still runs")), limit));
  const panel = jupyterapp.shell.currentWidget;
  const run = async () => {
    await Promise.all([jupyterapp.restored, panel.context.ready, panel.sessionContext.ready]);
    panel.content.activeCellIndex = number;
    await jupyterapp.commands.execute("notebook:run-cell");
  };
  await Promise.race([run(), late]);
  const outputs = panel.content.widgets[number].outputArea.model.toJSON();
  for (const output of outputs) if (output.output_type === "error") throw new Error(output.traceback.join("\\n"));
  return outputs.map((output) => output.text || "").join("").trim();
}"""


class Notebook:
    """A notebook on view, its cells counted from 0."""

    def __init__(self, page):
        self.page = page
        page.wait_for_function(OPENED)

    def cell(self, number):
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def run(self, number):
        """Run the cell, wait until it has run, and return the text that it printed."""
        return self.page.evaluate(RUN, [number, 1000 * LIMIT])


@pytest.fixture
def notebook(lab, chromium):
    """notebook(*cells) opens a notebook with these code cells in the browser.

    At the end nothing may have been asked of any other machine, nor any error have been written to the console."""
    address, folder = lab
    context = chromium.new_context(viewport={"width": 1400, "height": 2400}, reduced_motion="reduce")
    context.set_default_timeout(1000 * LIMIT)
    page, elsewhere, wrong = context.new_page(), [], []

    def only_here(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            return route.continue_()
        elsewhere.append(route.request.url)
        return route.abort()

    def note(message):
        if message.type == "error":
            wrong.append(f"{message.text} ({message.location['url']})")

    page.route("**/*", only_here)
    page.on("console", note)
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def open_notebook(*cells):
        written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        written.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        name = f"notebook{len(list(folder.iterdir()))}.ipynb"
        nbformat.write(written, folder / name)
        page.goto(f"{address}lab/tree/{name}?reset")
        return Notebook(page)

    yield open_notebook
    context.close()
    assert elsewhere == [] and wrong == []
