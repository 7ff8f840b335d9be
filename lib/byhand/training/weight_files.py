"""Weights in .npz files: an archive of arrays, each under the name its weight has in the network."""

import os
import zipfile

import numpy as np


def save(network, filepath, overwrite=True):
    """Write all weights of a built network. The file is complete or not there at all."""
    path = checked(filepath)
    if not network.built:
        raise ValueError(f"{network.name} has no weights yet: call it once, or give it an Input")
    if not overwrite and os.path.exists(path):
        raise ValueError(f"{path} exists; overwrite=True replaces it")
    unfinished = f"{path}.unfinished.npz"
    np.savez(unfinished, **network.weights)
    os.replace(unfinished, path)


def load(network, filepath):
    """Read all weights of a built network; everything is checked before the first one changes."""
    path = checked(filepath)
    if not network.built:
        raise ValueError(f"{network.name} has no weights yet: call it once, or give it an Input")
    if not os.path.exists(path):
        raise ValueError(f"there is no file {path}")
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} is no archive of weights: {error}") from error
    missing, unknown = network.weights.keys() - found.keys(), found.keys() - network.weights.keys()
    if missing or unknown:
        raise ValueError(
            f"{path} does not fit {network.name}: it lacks {sorted(missing)} and has {sorted(unknown)} besides"
        )
    for name, w in network.weights.items():
        if found[name].shape != w.shape or found[name].dtype.kind not in "fiub":
            raise ValueError(
                f"{path} does not fit {network.name}: {name} has shape {w.shape}; the file has"
                f" {found[name].dtype} {found[name].shape}"
            )
    for name, w in network.weights.items():
        w[...] = found[name]


def checked(filepath):
    path = os.fspath(filepath)
    if not path.endswith(".npz"):
        raise ValueError(f"weights are kept in .npz files; got {path!r}")
    return path
