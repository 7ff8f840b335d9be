"""The two commands say plainly what is missing."""

import os
import shutil
import subprocess
import sys

from tools.notebooks import ROOT


def test_make_without_python_says_so(tmp_path):
    for file in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    (tmp_path / "lib").mkdir(), (tmp_path / "chapters").mkdir(), (tmp_path / "webassets").mkdir()
    for file in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / file, tmp_path)
    said = subprocess.run(["make", "book", "PYTHON="], cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in said.stdout + said.stderr


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
