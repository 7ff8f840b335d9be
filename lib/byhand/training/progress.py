"""The progress of fit, evaluate and predict on the screen."""

import sys
import time

WIDTH = 20


class ProgressBar:
    """verbose 1: a bar that fills, rewritten in place on a terminal or in a notebook; 2: one line at the end.

    Each line ends with the time and the numbers so far: "3/3 ━━━━ 0s 2ms/step - accuracy: 0.8125 - loss: 0.6420".
    """

    def __init__(self, verbose):
        self.verbose, self.inside_fit = verbose, False
        self.live = sys.stdout.isatty() or "ipykernel" in sys.modules

    def set_model(self, model):
        """The bar looks at the logs only."""

    def set_params(self, params):
        self.epochs, self.steps = params["epochs"], params["steps"]

    def start(self):
        self.started, self.shown = time.time(), 0.0

    def on_train_begin(self, logs=None):
        self.inside_fit = True

    def on_epoch_begin(self, epoch, logs=None):
        self.start()
        if self.epochs > 1:
            print(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch, logs=None):
        self.show(batch + 1, logs)

    def on_epoch_end(self, epoch, logs=None):
        self.finish(logs)

    def on_test_begin(self, logs=None):
        if not self.inside_fit:
            self.start()

    def on_test_batch_end(self, batch, logs=None):
        if not self.inside_fit:
            self.show(batch + 1, logs)

    def on_test_end(self, logs=None):
        if not self.inside_fit:
            self.finish(logs)

    def on_predict_begin(self, logs=None):
        self.start()

    def on_predict_batch_end(self, batch, logs=None):
        self.show(batch + 1, {})

    def on_predict_end(self, logs=None):
        self.finish({})

    def show(self, step, logs):
        """Rewrite the bar, at most ten times a second."""
        now = time.time()
        if self.verbose == 1 and self.live and now - self.shown > 0.1:
            self.shown = now
            print("\r" + self.line(step, logs), end="", flush=True)

    def finish(self, logs):
        start = "\r" if self.verbose == 1 and self.live else ""
        print(start + self.line(self.steps, logs))

    def line(self, step, logs):
        passed = time.time() - self.started
        done = int(WIDTH * step / self.steps)
        bar = f" {'━' * done}{'─' * (WIDTH - done)}" if self.verbose == 1 else " -"
        numbers = "".join(f" - {name}: {number(value)}" for name, value in (logs or {}).items())
        return f"{step}/{self.steps}{bar} {passed:.0f}s {duration(passed / max(step, 1))}/step{numbers}"


def number(value):
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"


def duration(seconds):
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"
