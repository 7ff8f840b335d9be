"""What a network is trained for: a loss for each output, and metrics beside it, as compile() of Keras takes them."""

import numpy as np

from . import losses, metrics
from .metric import Mean
from .reductions import weights_of


class Objective:
    """Losses and metrics of a network with outputs called `names`.

    loss, metrics, weighted_metrics and loss_weights: one for all outputs, a list with one entry for each, or a dict by
    name. Metrics are made at the first batch, because "accuracy" depends on the shapes.
    ValueError for entries that fit no output.
    """

    def __init__(self, loss, loss_weights, metrics, weighted_metrics):
        self.loss, self.loss_weights, self.asked = loss, loss_weights, (metrics, weighted_metrics)
        for what, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if given and not isinstance(given, list | tuple | dict):
                raise ValueError(f"{what} is a list, or a dict by output; got {given!r}")
        for one in loss.values() if isinstance(loss, dict) else loss if isinstance(loss, list | tuple) else [loss]:
            losses.get(one)
        self.total, self.names = Mean("loss"), None

    def settle(self, names, ys, ps):
        """Find the loss and the metrics of each output, now that its shapes are known."""
        self.names = names
        per_output = isinstance(self.loss, dict | list | tuple)
        given = spread("loss", self.loss, names) if per_output else [self.loss] * len(names)
        self.losses = [losses.get(one) for one in given]
        for one in self.losses:
            if one is not None and one.reduction in (None, "none"):
                raise ValueError(f"the loss {one.name} gives one number a sample; training needs one for the batch")
        weights = self.loss_weights if not isinstance(self.loss_weights, float | int) else [self.loss_weights]
        self.shares = [1.0] * len(names) if weights is None else spread("loss_weights", weights, names)
        several = len(names) > 1
        self.parts = [Mean(f"{name}_loss") for name, one in zip(names, self.losses) if one] if several else []
        self.plain, self.weighted = (self.find(given, ys, ps) for given in self.asked)

    def find(self, given, ys, ps):
        """For each output the list of its metrics."""
        if not given:
            return [[] for _ in self.names]
        if len(self.names) == 1 and not isinstance(given, dict):
            given = [given]
        found = []
        for asked, y, p in zip(spread("metrics", given, self.names), ys, ps):
            asked = asked if isinstance(asked, list | tuple) else [] if asked is None else [asked]
            found.append([metrics.get(one, y, p) for one in asked])
        return found

    def gradients(self, ys, ps, weights, masks, logits, train=True):
        """(total loss, gradient for each output or None, the outputs whose gradient is one of their logits)."""
        total, dys, on_logits, parts = 0.0, [], [], iter(self.parts)
        for i, (loss, share, y, p, w, mask, z) in enumerate(
            zip(self.losses, self.shares, ys, ps, weights, masks, logits)
        ):
            if loss is None:
                dys.append(None)
                continue
            if loss.takes_logits and z is not None:
                loss, p = loss.on_logits(), z
                on_logits.append(i)
            value = loss(y, p, w, mask)
            if self.parts:
                next(parts).add_weighted(value, len(p))
            total += share * value
            dy = loss.gradient(y, p, w, mask) if train else None
            dys.append(dy if share == 1 or dy is None else share * dy)
        return total, dys, on_logits

    def update(self, ys, ps, weights, masks):
        for output, (y, p, w, mask) in enumerate(zip(ys, ps, weights, masks)):
            for metric in self.plain[output]:
                metric.update_state(y, p, heeded(metric, p, None, mask))
            for metric in self.weighted[output]:
                metric.update_state(y, p, heeded(metric, p, w, mask))

    def reset(self):
        self.total.reset_state()
        if self.names is not None:
            for metric in self.all_metrics() + self.parts:
                metric.reset_state()

    def all_metrics(self):
        """All metrics, once they are known."""
        return [] if self.names is None else [m for group in self.plain + self.weighted for m in group]

    def results(self):
        """All numbers by name, the loss first."""
        found = {"loss": self.total.result()}
        for weighted, groups in ((False, self.plain), (True, self.weighted)):
            for output, group in zip(self.names, groups):
                prefix = f"{output}_" if len(self.names) > 1 else ""
                for metric in group:
                    name, count = prefix + metric.name, 0
                    if weighted and name in found:
                        name = f"{prefix}weighted_{metric.name}"
                    base = name
                    while name in found:
                        count += 1
                        name = f"{base}_{count}"
                    found[name] = metric.result()
        return found | {part.name: part.result() for part in self.parts}

    def order(self):
        """The names of the results as Keras lists them: the loss, those of several outputs, then metrics."""
        parts = [part.name for part in self.parts]
        others = [name for name in self.results() if name != "loss" and name not in parts]
        return ["loss", *parts, *(sorted(others) if len(self.names) > 1 else others)]


def spread(what, given, names):
    """One entry for each output, from a list or a dict by name."""
    if isinstance(given, dict):
        if not set(given) <= set(names):
            raise ValueError(f"{what} by output: the outputs are called {names}; got {list(given)}")
        return [given.get(name, 1.0 if what == "loss_weights" else None) for name in names]
    if len(given) != len(names):
        raise ValueError(f"{what}: one for each of the outputs {names}; got {given!r}")
    return list(given)


def heeded(metric, p, sample_weight, mask):
    """The weights a metric takes: the mask joins them in metrics that are means."""
    if mask is None or not metric.heeds_mask:
        return sample_weight
    return weights_of(np.zeros(np.shape(mask)), sample_weight, mask, share=False)
