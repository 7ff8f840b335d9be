"""The commands say plainly what is missing, and begin again where they were stopped."""

import os
import shutil
import socket
import subprocess
import sys

import pytest

from tools.notebooks import ROOT


@pytest.fixture
def bare(tmp_path):
    """bare(*words) is what make says of them in a copy of the house without rooms; it must fail."""
    for file in ("Makefile", "requirements.txt", "pyproject.toml", "_config.yml", "_toc.yml"):
        shutil.copy(ROOT / file, tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for folder in ("lib", "chapters", "webassets"):
        (tmp_path / folder).mkdir()

    def say(*words):
        said = make(tmp_path, *words)
        assert said.returncode != 0
        return said.stdout + said.stderr

    return say


@pytest.fixture
def ready(bare, tmp_path):
    """The same, set up as far as these tests need it; the builder makes an empty page."""
    script(tmp_path / ".venv/bin/python", f'[ "$2" = pip ] || exec {sys.executable} "$@"')
    (tmp_path / ".venv/.ready").touch()
    script(tmp_path / ".venv/bin/jupyter-book", "mkdir -p _build/html; touch _build/html/index.html")
    return bare


def make(folder, *words):
    return subprocess.run(["make", *words], cwd=folder, capture_output=True, text=True)


def script(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("python", ["", "/nowhere/python3", "old"])
def test_make_without_a_fitting_python_says_so(bare, tmp_path, python):
    if python == "old":
        python = script(tmp_path / "python3.10", "exit 1")
    assert "needs Python 3.11, 3.12 or 3.13" in bare("book", f"PYTHON={python}")


def test_an_environment_that_was_left_half_made_is_made_anew(bare, tmp_path):
    script(tmp_path / ".venv/bin/python", "exit 1")  # as without pip
    python = script(tmp_path / "python3", 'case "$1" in -m) echo "asked: $*"; exit 1;; esac')
    said = bare("book", f"PYTHON={python}")
    assert "asked: -m venv --clear .venv" in said and "apt install python3-venv" in said


def test_a_build_that_failed_is_not_taken_for_a_book(ready, tmp_path):
    builder = tmp_path / ".venv/bin/jupyter-book"
    good = builder.read_text()
    builder.write_text(good + "exit 1")
    for _ in range(2):
        said = ready("book")
        assert "Running the notebooks" in said and "The book was not built." in said and "Open file://" not in said
    builder.write_text(good)
    first, second = make(tmp_path, "book"), make(tmp_path, "book")
    assert "Running the notebooks" in first.stdout and "Running" not in second.stdout
    assert f"Open file://{tmp_path}/_build/html/index.html" in first.stdout and "Open file://" in second.stdout


def test_a_port_that_is_taken_is_named(ready):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"something else uses port {port}" in ready("serve", f"PORT={port}")


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
