"""Run the notebooks with the versions that Colab has, as a reader there would: the book's wheel, no other dependency.

Versions: the list that Colab publishes, as of August 2026. Needs Python 3.13; says so and stops where there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-colab"
PINS = ROOT / "tools/colab-requirements.txt"
STAND_IN = ROOT / "tests/book/colab"  # a google.colab that is enough to take the branches for Colab


def python_313():
    """Path of a Python 3.13, or None."""
    for name in ("python3.13", "python3"):
        found = shutil.which(name)
        asked = [found, "-c", "import sys; print(sys.executable if sys.version_info[:2] == (3, 13) else '')"]
        if found:
            said = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
            if said:
                return said
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.13.*/bin/python3"))
    return str(pyenv[-1]) if pyenv else None


def run(*command, **options):
    subprocess.run([str(c) for c in command], check=True, cwd=ROOT, **options)


def main():
    python = python_313()
    if python is None:
        print("Colab runs Python 3.13, and none is here: the notebooks were not tried with Colab's versions.")
        return
    ready = VENV / ".ready"
    if not ready.exists() or ready.stat().st_mtime < PINS.stat().st_mtime:
        print("Setting up .venv-colab with Colab's versions")
        run(python, "-m", "venv", VENV)
        run(VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", PINS)
        ready.touch()
    pip = (VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall")
    run(*pip, "--no-build-isolation", ROOT)
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    environment = {
        **os.environ,
        "COLAB_RELEASE_TAG": "release-colab-test",
        "PYTHONPATH": str(STAND_IN),
        # In Colab's older ipywidgets an unknown argument is lost with a warning only.
        "PYTHONWARNINGS": "error:Passing unrecognized arguments:DeprecationWarning",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    run(
        *(VENV / "bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "chapters"),
        *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "300"),
        *("--nbval-sanitize-with", "tests/book/nbval.ini", "-n", "2", "--dist", "loadscope"),
        env=environment,
    )


if __name__ == "__main__":
    sys.exit(main())
