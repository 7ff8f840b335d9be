"""How the .npz files were made from their sources. Run once; readers and chapters never need it.

    python -m byhand.data.convert FOLDER

FOLDER holds the unpacked wheels of aeon 1.6.0, vega_datasets 0.9.0 and PyWavelets 1.9.0; scikit-learn 1.9 is installed.
"""

import csv
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
POOL, HEIGHT, WIDTH = 3, 128, 192
VOWEL_STEP = 0.005


def digits():
    from sklearn.datasets import load_digits

    source = load_digits()
    return {"images": source.images.astype("uint8"), "labels": source.target.astype("uint8")}


def photo(number):
    """The middle of a sample photo, every 3x3 pixels averaged into one."""
    from sklearn.datasets import load_sample_images

    full = load_sample_images().images[number]
    top, left = (full.shape[0] - HEIGHT * POOL) // 2, (full.shape[1] - WIDTH * POOL) // 2
    crop = full[top : top + HEIGHT * POOL, left : left + WIDTH * POOL].reshape(HEIGHT, POOL, WIDTH, POOL, 3)
    return {"image": np.rint(crop.mean(axis=(1, 3))).astype("uint8")}


def seattle(folder):
    """Highest temperature of each day in tenths of a degree Celsius."""
    rows = csv.DictReader(open(next(folder.rglob("seattle-weather.csv"))))
    return {"tenths": np.array([round(float(row["temp_max"]) * 10) for row in rows], "int16")}


def vowels(folder):
    """Utterances joined end to end and rounded to steps of 0.005; their lengths and speakers stand beside them."""
    arrays = {}
    for part in ("TRAIN", "TEST"):
        path = next(folder.rglob(f"JapaneseVowels_{part}.ts"))
        lines = path.read_text().split("@data")[1].split()
        rows = [line.split(":") for line in lines]
        series = [np.array([channel.split(",") for channel in row[:-1]], float).T for row in rows]
        arrays[f"{part.lower()}_steps"] = np.rint(np.concatenate(series) / VOWEL_STEP).astype("int16")
        arrays[f"{part.lower()}_lengths"] = np.array([len(s) for s in series], "uint8")
        arrays[f"{part.lower()}_speakers"] = np.array([int(row[-1]) for row in rows], "uint8")
    return arrays


def heartbeat(folder):
    return {"ecg": np.load(next(folder.rglob("ecg.npz")))["data"].astype("int16")}


def main(folder):
    folder = Path(folder)
    files = {
        "digits": digits(),
        "temple": photo(0),
        "flower": photo(1),
        "seattle": seattle(folder),
        "vowels": vowels(folder),
        "heartbeat": heartbeat(folder),
    }
    for name, arrays in files.items():
        np.savez_compressed(HERE / f"{name}.npz", **arrays)
        print(f"{name:<10} {(HERE / f'{name}.npz').stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(sys.argv[1])
