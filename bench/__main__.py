"""python -m bench: measure every case, print the tables, store bench/results.json and the page made of it."""

import argparse
import json
import platform
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from byhand import layers

from . import page
from .cases import TEACHING, TRAINING
from .measure import conv_against_matmul, first_figure_seconds, import_seconds, measure

HERE = Path(__file__).parent
PAGES = HERE.parent / "_build/html/chapters"


def blas():
    """What multiplies matrices here; ratios against Keras depend on it."""
    np.ones((2, 2)) @ np.ones((2, 2))
    return [
        f"{i.get('internal_api')} {i.get('architecture', '?')}, {i['num_threads']} threads" for i in threadpool_info()
    ]


def table(title, rows):
    print(f"\n{title}\n{'':62}{'forward':>24}{'forward and backward':>28}")
    print(f"{'':62}{'us':>8}{'compiled':>9}{'eager':>7}{'us':>12}{'compiled':>9}{'eager':>7}")
    for row in rows:
        line = f"{row['case'][:61]:62}"
        for way, width in (("forward", 8), ("both", 12)):
            r = row[way]
            line += f"{r['microseconds']:>{width}.0f}{r['compiled']['ratio']:>9.2f}{r['eager']['ratio']:>7.2f}"
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", help="layers whose name holds this")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}; BLAS: {'; '.join(blas())}")
    print("Each ratio is time by hand / time of Keras, the median of the rounds. Below 1: by hand is faster.")
    results = {"numpy": np.__version__, "blas": blas(), "rounds": asked.rounds}
    for title, cases, repeats in (("teaching", TEACHING, 20), ("training", TRAINING, 3)):
        wanted = [c for c in cases if hasattr(layers, c.layer) and (not asked.only or asked.only in c.layer)]
        results[title] = [measure(c, asked.rounds, repeats) for c in wanted]
        table(f"At {title} size", results[title])
    limit = conv_against_matmul(asked.rounds, 3)
    results["conv against matmul"] = limit
    print("\nWide Conv2D against np.matmul of the same multiplications:", end=" ")
    print(f"forward {limit['forward'][0]:.2f}, forward and backward {limit['both'][0]:.2f}")
    results["import"] = import_seconds()
    print("Seconds from starting Python to: " + ", ".join(f"{k} {v:.2f}" for k, v in results["import"].items()))
    if (PAGES / "index.html").exists():
        results["first figure"] = first_figure_seconds(PAGES / "index.html")
        print(f"First figure of the opening page drawn {results['first figure']:.2f} s after opening it from disk")
    missed = [r["case"] for r in results["teaching"] if r["forward"]["compiled"]["ratio"] > 1 / 3]
    missed += [r["case"] for r in results["training"] if r["both"]["compiled"]["ratio"] > r["reach"]]
    print("\nEvery ratio is within its reach." if not missed else "\nOut of reach:\n  " + "\n  ".join(missed))
    if not asked.only:
        (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        page.write(results)


if __name__ == "__main__":
    main()
