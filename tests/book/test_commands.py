"""The commands say plainly what is missing, and begin again where they were stopped."""

import os
import shutil
import subprocess
import sys

import pytest

from tools.notebooks import ROOT


@pytest.fixture
def bare(tmp_path):
    """bare(python) is what `make book` says in a copy of the house without rooms, where nothing is set up."""
    for file in ("Makefile", "requirements.txt", "pyproject.toml", "_config.yml", "_toc.yml"):
        shutil.copy(ROOT / file, tmp_path)
    for folder in ("lib", "chapters", "webassets"):
        (tmp_path / folder).mkdir()

    def say(python):
        said = subprocess.run(["make", "book", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True)
        assert said.returncode != 0
        return said.stdout + said.stderr

    return say


def script(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines]))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("python", ["", "/nowhere/python3", "old"])
def test_make_without_a_fitting_python_says_so(bare, tmp_path, python):
    if python == "old":
        python = script(tmp_path / "python3.10", "exit 1")
    assert "needs Python 3.11, 3.12 or 3.13" in bare(python)


def test_an_environment_that_was_left_half_made_is_made_anew(bare, tmp_path):
    script(tmp_path / ".venv/bin/python", "exit 1")  # as without pip
    said = bare(script(tmp_path / "python3", 'case "$1" in -m) echo "asked: $*"; exit 1;; esac'))
    assert "asked: -m venv --clear .venv" in said and "apt install python3-venv" in said


def test_a_build_that_failed_is_not_taken_for_a_book(bare, tmp_path):
    script(tmp_path / ".venv/bin/python", "exit 0")
    (tmp_path / ".venv/.ready").touch()
    builder = script(tmp_path / ".venv/bin/jupyter-book", "mkdir -p _build/html; touch _build/html/index.html; exit 1")
    for _ in range(2):
        said = bare(sys.executable)
        assert "Running the notebooks" in said and "Open file://" not in said
    builder.write_text(builder.read_text().replace("exit 1", "exit 0"))
    said = [subprocess.run(["make", "book"], cwd=tmp_path, capture_output=True, text=True).stdout for _ in range(2)]
    assert "Running the notebooks" in said[0] and "Running" not in said[1]
    assert all(f"Open file://{tmp_path}/_build/html/index.html" in text for text in said)


def test_without_a_browser_a_sentence_says_what_to_install():
    environment = {**os.environ, "PATH": "/nowhere"}
    environment.pop("BYHAND_BROWSER", None)
    said = subprocess.run(
        [sys.executable, "-m", "tests.browser"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert said.returncode != 0
    assert "Install Chromium" in said.stderr


def test_make_alone_lists_what_can_be_made():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True).stdout
    assert {"book", "test", "lab", "serve", "bench", "clean"} <= {line.split()[0] for line in said.splitlines()}
