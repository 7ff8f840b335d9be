"""compile, fit, evaluate, predict: the training loop, with Keras' argument names.

Source: https://keras.io/api/models/model_training_apis/
"""

import numpy as np

from ..layers import arguments
from . import optimizers, weight_files
from .batches import Data, by_class
from .callbacks import CallbackList
from .objective import Objective
from .summary import summary


class Trainer:
    """What makes a network learn. The network gives call, backward, logits, weights and penalties."""

    optimizer = objective = history = None
    stop_training = False

    # --- one batch ------------------------------------------------------------------------------------------------

    def compile(self, optimizer="rmsprop", loss=None, loss_weights=None, metrics=None, weighted_metrics=None,
                run_eagerly=False, steps_per_execution=1, jit_compile="auto", auto_scale_loss=True):  # fmt: skip
        """Say how to learn: optimizer and loss by name or as objects; metrics as a list of both.

        run_eagerly and auto_scale_loss change nothing here: every step is plain Python, in the dtype of the layers.
        ValueError for names that are not known, and for steps_per_execution and jit_compile, which are left to Keras.
        """
        if steps_per_execution != 1 or jit_compile not in ("auto", False, None):
            raise ValueError("steps_per_execution and jit_compile are not supported by hand: nothing is compiled")
        self.optimizer = optimizers.get(optimizer)
        self.objective = Objective(loss, loss_weights, metrics, weighted_metrics)

    @property
    def metrics(self):
        """The metrics, once the first batch has been seen."""
        return self.compiled().all_metrics()

    @property
    def metrics_names(self):
        return self.compiled().order() if self.objective.names else ["loss"]

    def compiled(self):
        if self.objective is None:
            raise ValueError(f"{self.name} does not know its loss yet: call compile(optimizer, loss) first")
        return self.objective

    def reset_metrics(self):
        """Forget all batches seen so far."""
        self.compiled().reset()

    def forward(self, xs, ys, weights, training):
        """Run a batch: (outputs, loss, gradients of the outputs, the output symbols whose gradient is of logits)."""
        y = self(xs if len(xs) > 1 else xs[0], training=training)
        ps = y if isinstance(y, list) else [y]
        objective = self.objective
        if objective.names is None:
            objective.settle(self.output_names, ys, ps)
        masks = [self.graph.masks[s] for s in self.graph.outputs]
        loss, dys, on_logits = objective.gradients(ys, ps, weights, masks, self.logits(), train=training)
        penalties = self.losses
        if not penalties and not any(objective.losses):
            raise ValueError("there is nothing to make small: compile with a loss")
        loss += float(sum(penalties))
        objective.total.add_weighted(loss, len(ps[0]))
        objective.update(ys, ps, weights, masks)
        return dys, {self.graph.outputs[i] for i in on_logits}

    def train_step(self, xs, ys, weights):
        """One update of the weights."""
        dys, on_logits = self.forward(xs, ys, weights, training=True)
        asked, self.skip_input_gradient = self.skip_input_gradient, True
        try:
            self.backward(dys, on_logits)
        finally:
            self.skip_input_gradient = asked
        self.add_penalties()
        weights = self.trainable_weights
        self.optimizer.apply([self.grads[name] for name in weights], list(weights.values()))
        self.apply_constraints()

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """One update with these rows; returns the loss before it, with metrics as a list, or a dict."""
        self.reset_metrics()
        self.train_step(*self.weighed(self.data(x, y, sample_weight), class_weight).parts)
        return self.report(return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The loss and metrics of these rows."""
        self.reset_metrics()
        self.forward(*self.data(x, y, sample_weight).parts, training=False)
        return self.report(return_dict)

    def predict_on_batch(self, x):
        """The output(s) for these rows, not in training."""
        return self(x, training=False)

    def report(self, return_dict):
        results = self.objective.results()
        if return_dict:
            return results
        values = [results[name] for name in self.objective.order()]
        return values if len(values) > 1 else values[0]

    # --- many batches ---------------------------------------------------------------------------------------------

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, validation_split=0.0,
            validation_data=None, shuffle=True, class_weight=None, sample_weight=None, initial_epoch=0,
            steps_per_epoch=None, validation_steps=None, validation_batch_size=None, validation_freq=1):  # fmt: skip
        """Learn from arrays x and y for some epochs, in batches of 32 unless batch_size says otherwise.

        validation_data: (x, y) or (x, y, weights); or validation_split, the last part of the rows. verbose: 0 nothing,
        1 a bar, 2 a line an epoch. shuffle: rows in a new order each epoch, drawn from byhand.layers.set_random_seed.
        Returns History. ValueError for arrays that do not fit, and for steps_per_epoch and validation_steps.
        """
        self.compiled()
        if steps_per_epoch is not None or validation_steps is not None:
            raise ValueError("steps_per_epoch and validation_steps are not supported by hand: an epoch is all rows")
        size, epochs = self.batch_size(batch_size), arguments.whole("fit", "epochs", epochs, 0)
        data, validation = self.data(x, y, sample_weight), None
        if validation_data is not None:
            validation = self.data(*validation_data)
        elif validation_split:
            data, validation = data.split(validation_split)
        data = self.weighed(data, class_weight)
        calls = CallbackList(callbacks, self, verbose, epochs, data.steps(size))
        self.stop_training = False
        calls.on_train_begin()
        logs = {}
        for epoch in range(initial_epoch, epochs):
            self.reset_metrics()
            calls.on_epoch_begin(epoch)
            for step, batch in enumerate(data.batches(size, shuffle)):
                calls.on_train_batch_begin(step)
                self.train_step(*batch)
                calls.on_train_batch_end(step, self.objective.results())
                if self.stop_training:
                    break
            logs = self.objective.results()
            if validation is not None and due(epoch, validation_freq):
                results = self.test(validation, self.batch_size(validation_batch_size or size), calls)
                logs |= {f"val_{name}": value for name, value in results.items()}
            logs = dict(sorted(logs.items()))
            calls.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        calls.on_train_end(logs)
        return self.history

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", sample_weight=None, steps=None, callbacks=None,
                 return_dict=False):  # fmt: skip
        """The loss, and the metrics as a list or a dict, over all rows."""
        self.compiled()
        if steps is not None:
            raise ValueError("steps is not supported by hand: all rows are seen")
        size, data = self.batch_size(batch_size), self.data(x, y, sample_weight)
        results = self.test(data, size, CallbackList(callbacks, self, verbose, 1, data.steps(size), history=False))
        return results if return_dict else self.report(False)

    def test(self, data, size, calls):
        self.reset_metrics()
        calls.on_test_begin()
        for step, batch in enumerate(data.batches(size)):
            calls.on_test_batch_begin(step)
            self.forward(*batch, training=False)
            calls.on_test_batch_end(step, self.objective.results())
        calls.on_test_end(self.objective.results())
        return self.objective.results()

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The output(s) for all rows, batch by batch."""
        if steps is not None:
            raise ValueError("steps is not supported by hand: all rows are seen")
        size, data = self.batch_size(batch_size), Data(self.input_list(x), [], [])
        calls = CallbackList(callbacks, self, verbose, 1, data.steps(size), history=False)
        calls.on_predict_begin()
        found = []
        for step, (xs, _, _) in enumerate(data.batches(size)):
            calls.on_predict_batch_begin(step)
            y = self(xs if len(xs) > 1 else xs[0], training=False)
            found.append(y if isinstance(y, list) else [y])
            calls.on_predict_batch_end(step)
        calls.on_predict_end()
        outputs = [np.concatenate(parts) for parts in zip(*found)]
        return outputs if len(outputs) > 1 else outputs[0]

    # --- data and files -------------------------------------------------------------------------------------------

    def batch_size(self, given):
        return 32 if given is None else arguments.whole(self.name, "batch_size", given)

    def input_list(self, x):
        if x is None or not isinstance(x, np.ndarray | list | tuple | dict) and not hasattr(x, "__array__"):
            raise ValueError(f"{self.name} takes arrays; got {type(x).__name__}")
        xs = self.cast(x)
        return xs if isinstance(xs, list) else [xs]

    def data(self, x, y=None, sample_weight=None):
        """Inputs, targets and weights as lists in the order of the network's inputs and outputs."""
        xs = self.input_list(x)
        names = self.output_names if self.graph is not None else ["output"]
        if y is None:
            raise ValueError(f"{self.name} needs targets y to learn from or to compare with")
        several = len(names) > 1
        ys = [np.asarray(v) for v in (self.in_order(y, "output", names) if several else [one(y)])]
        if several and isinstance(sample_weight, list | tuple | dict):
            weights = self.in_order(sample_weight, "output", names)
        else:
            weights = [one(sample_weight)] * len(names)
        return Data(xs, ys, [None if w is None else np.asarray(w) for w in weights])

    def weighed(self, data, class_weight):
        """The data with the weight of its class for each row."""
        if class_weight is None:
            return data
        xs, ys, weights = data.parts
        if len(ys) > 1 or weights[0] is not None:
            raise ValueError("class_weight goes with one output, and not together with sample_weight")
        return Data(xs, ys, [by_class(ys[0], class_weight)])

    def save_weights(self, filepath, overwrite=True):
        """Write all weights to an .npz file. ValueError for another ending, or if it exists and overwrite is False."""
        weight_files.save(self, filepath, overwrite)

    def load_weights(self, filepath):
        """Read all weights from an .npz file. ValueError, and no weight changed, if names or shapes do not fit."""
        weight_files.load(self, filepath)

    def summary(self, line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False,
                layer_range=None):  # fmt: skip
        """Print the table of layers that Keras prints."""
        summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)


def one(value):
    """The only entry of a list of one array, and anything else as it is."""
    single = isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], np.ndarray)
    return value[0] if single else value


def due(epoch, validation_freq):
    """Whether to validate after this epoch: every so many epochs, or after those in a list, counted from 1."""
    if isinstance(validation_freq, list | tuple | set):
        return epoch + 1 in validation_freq
    return (epoch + 1) % arguments.whole("fit", "validation_freq", validation_freq) == 0
