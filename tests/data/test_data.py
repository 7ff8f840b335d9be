"""Every data set loads with no network, in the promised shape, and has its licence written down."""

import socket
from pathlib import Path

import numpy as np
import pytest

from byhand import data

FOLDER = Path(data.__file__).parent


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*args, **options):
        raise AssertionError("a loader opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)


def test_digits():
    images, labels = data.load_digits()
    assert images.shape == (1797, 8, 8) and images.dtype == np.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.shape == (1797,) and sorted(set(labels.tolist())) == list(range(10))


def test_digits_are_those_of_scikit_learn():
    source = pytest.importorskip("sklearn.datasets").load_digits()
    images, labels = data.load_digits()
    assert np.array_equal(images * 16, source.images)
    assert np.array_equal(labels, source.target)


@pytest.mark.parametrize("name", ["temple", "flower"])
def test_photo(name):
    colour, grey = data.load_photo(name, colour=True), data.load_photo(name)
    assert colour.shape == (128, 192, 3) and colour.dtype == np.float32
    assert grey.shape == (128, 192) and grey.dtype == np.float32
    assert 0 <= grey.min() < 0.2 and 0.7 < grey.max() <= 1


def test_temperatures():
    assert data.load_temperatures().tolist() == [20, 22, 24, 25, 28, 27, 26]
    seattle = data.load_temperatures("seattle")
    assert seattle.shape == (1461,) and seattle.dtype == np.float32
    assert seattle[0] == np.float32(12.8) and -2 < seattle.min() < seattle.max() < 36


@pytest.mark.parametrize("part, many", [("train", 270), ("test", 370)])
def test_vowels(part, many):
    utterances, speakers = data.load_vowels(part)
    assert len(utterances) == many and speakers.shape == (many,)
    assert all(u.ndim == 2 and u.shape[1] == 12 and 7 <= len(u) <= 29 and u.dtype == np.float32 for u in utterances)
    assert sorted(set(speakers.tolist())) == list(range(9))


def test_heartbeat():
    signal = data.load_heartbeat()
    assert signal.shape == (1024,) and (signal.min(), signal.max()) == (-112, 250)


def test_writing_into_a_result_leaves_the_next_one_alone():
    data.load_temperatures()[:] = 0
    data.load_digits()[0][:] = 0
    data.load_vowels()[0][0][:] = 0
    assert data.load_temperatures()[0] == 20
    assert data.load_digits()[0].max() == 1
    assert data.load_vowels()[0][0].any()


@pytest.mark.parametrize(
    "load, wrong", [(data.load_photo, "cat"), (data.load_temperatures, "paris"), (data.load_vowels, "valid")]
)
def test_a_wrong_name_is_answered_with_the_right_ones(load, wrong):
    with pytest.raises(ValueError, match=wrong):
        load(wrong)


def test_every_file_has_a_licence_and_is_small():
    written = (FOLDER / "LICENCES.md").read_text()
    rows = {line.split("`")[1]: line for line in written.splitlines() if line.startswith("| `")}
    files = {path.name: path.stat().st_size for path in FOLDER.glob("*.npz")}
    assert rows.keys() == files.keys()
    assert all(any(word in row for word in ("CC BY", "MIT", "public domain")) for row in rows.values())
    assert max(files.values()) < 150_000


@pytest.mark.parametrize("name", data.__all__)
def test_every_loader_states_shape_source_and_licence(name):
    text = getattr(data, name).__doc__
    assert "Returns" in text and "float32" in text and "Source" in text
    assert any(word in text for word in ("CC BY", "MIT.", "Public domain"))
