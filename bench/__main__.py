"""python -m bench: measure every case, print the tables, store bench/results.json and the page made of it."""

import argparse
import platform
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from byhand.compare import tensorflow

from . import page
from .cases import REACH, TEACHING_REACH
from .digits import digits_read
from .measure import conv_against_matmul, measure
from .startup import first_figure_seconds, import_seconds
from .steps import STEPS, measure_step
from .teaching import TEACHING
from .training import TRAINING

ROOT = Path(__file__).parent.parent
BLAS = {"openblas": "OpenBLAS", "mkl": "MKL"}
PAGES = ROOT / "_build/html/chapters"


def machine(cores):
    """Hold both sides to so many cores, and say what is measured on: ratios depend on what multiplies matrices here."""
    tf = tensorflow()
    import keras

    tf.config.threading.set_intra_op_parallelism_threads(cores)
    tf.config.threading.set_inter_op_parallelism_threads(cores)
    threadpool_limits(cores)
    blas = next(i for i in threadpool_info() if i["user_api"] == "blas")
    library = BLAS.get(blas["internal_api"], blas["internal_api"])
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "processor": processor(),
        "blas": f"{library} {blas['version']} ({blas.get('architecture', '?')})",
        "cores": cores,
    }


def processor():
    """The processor's name where the system tells it."""
    told = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in told.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def print_row(row):
    line = f"{row['code'][:48]:49}{row['shape']!s:>22}"
    for way, width in (("forward", 9), ("both", 12)):
        found = row.get(way)
        line += f"{found['microseconds']:>{width}.0f}" if found else " " * width
        for rival in ("compiled", "eager", "loops"):
            line += f"{found[rival]['ratio']:>9.3f}" if found and rival in found else " " * 9
    print(line, flush=True)


def measured(title, cases, only, count):
    print(f"\nAt {title} size\n{'':71}{'forward: us':>9}{'compiled':>9}{'eager':>7}{'loops':>9}", end="")
    print(f"{'both: us':>12}{'compiled':>9}{'eager':>9}")
    rows = []
    for family, settings in cases.items():
        for case in settings:
            if not only or only in case.layer:
                rows.append({"family": family} | measure(case, count))
                print_row(rows[-1])
    return rows


def out_of_reach(results):
    """What is slower than asked: sentences."""
    for row in results["teaching"]:
        found = row["forward"].get("compiled")
        if found and found["ratio"] > TEACHING_REACH:
            yield f"{row['code']} at teaching size: {found['ratio']:.2f} of compiled Keras, asked {TEACHING_REACH:.2f}"
    for row in results["training"]:
        found, reach = row.get("both", {}).get("compiled"), REACH.get(row["family"])
        if found and reach and found["ratio"] > reach:
            yield f"{row['code']} at training size: {found['ratio']:.2f} of compiled Keras, asked {reach}"
    for row in results["steps"]:
        if row["keras"]["ratio"] > row["reach"]:
            yield f"a step of the {row['model']} with {row['optimizer']}: {row['keras']['ratio']:.2f} of Keras"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cores", type=int, default=1, help="for NumPy and for Keras")
    parser.add_argument("--only", help="layers whose name holds this; stores nothing")
    asked = parser.parse_args()
    started = time.perf_counter()
    results = {"machine": machine(asked.cores), "rounds": asked.rounds}
    print(", ".join(f"{k} {v}" for k, v in results["machine"].items()))
    print("Each ratio is time by hand / time of the other, the median of the rounds. Below 1: by hand is faster.")
    results["teaching"] = measured("teaching", TEACHING, asked.only, asked.rounds)
    results["training"] = measured("training", TRAINING, asked.only, asked.rounds)
    results["steps"] = [] if asked.only else [measure_step(*step, asked.rounds) for step in STEPS]
    for row in results["steps"]:
        print(f"A step of the {row['model']} with {row['optimizer']}: {row['keras']['ratio']:.2f} of train_on_batch")
    if not asked.only:
        results["matmul"] = conv_against_matmul(asked.rounds)
        print("Wide Conv2D against np.matmul of the same multiplications:", end=" ")
        print(", ".join(f"{way} {found['ratio']:.2f}" for way, found in results["matmul"].items()))
        found = results["digits"] = digits_read()
        print(f"LeNet by hand: {found['accuracy']:.3f} of unseen digits after {found['seconds']:.0f} s of training")
        results["import"] = import_seconds()
        print("Seconds from starting Python to: " + ", ".join(f"{k} {v:.2f}" for k, v in results["import"].items()))
        if (PAGES / "index.html").exists():
            seconds = results["first figure"] = first_figure_seconds(PAGES / "index.html")
            print(f"First figure of the opening page drawn {seconds:.2f} s after opening it from disk")
    print("\n".join(["\nOut of reach:", *out_of_reach(results)]))
    print(f"Took {time.perf_counter() - started:.0f} s")
    if not asked.only:
        page.store(results)


if __name__ == "__main__":
    main()
