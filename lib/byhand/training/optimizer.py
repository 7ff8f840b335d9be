"""What every optimizer shares: clipping, weight decay, what it remembers about each weight.

Source: https://keras.io/api/optimizers/
"""

import math

import numpy as np

from ..layers.constants import through_float32


class Optimizer:
    """What all optimizers share: clipping, then weight decay w -= lr * weight_decay * w, then the step.

    clipnorm: longest gradient of one weight. global_clipnorm: longest gradient of all weights together. clipvalue:
    largest entry. At most one of the three. The learning rate is kept in float32, as in Keras.
    ValueError for a learning rate that is no float, and for arguments that are left to Keras.
    """

    remembers = ()

    def __init__(self, learning_rate, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None, loss_scale_factor=None,
                 gradient_accumulation_steps=None, name=None, **unknown):  # fmt: skip
        kind = type(self).__name__
        if unknown:
            raise ValueError(f"{kind} has no argument {', '.join(map(repr, unknown))}")
        left_to_keras = {"use_ema": use_ema, "ema_overwrite_frequency": ema_overwrite_frequency,
                         "loss_scale_factor": loss_scale_factor,
                         "gradient_accumulation_steps": gradient_accumulation_steps}  # fmt: skip
        if ema_momentum != 0.99:
            left_to_keras["ema_momentum"] = ema_momentum
        for argument, value in left_to_keras.items():
            if value:
                raise ValueError(f"{kind}: {argument}={value!r} is not supported by hand; it is left to Keras")
        if sum(limit is not None for limit in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(f"{kind}: give only one of clipnorm, clipvalue and global_clipnorm")
        self.learning_rate = learning_rate
        self.weight_decay, self.name = weight_decay, name or kind.lower()
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.iterations, self.memories, self.known = 0, None, None

    @property
    def learning_rate(self):
        return self.rate

    @learning_rate.setter
    def learning_rate(self, value):
        if not isinstance(value, float | np.floating):
            raise ValueError(
                f"{type(self).__name__}: learning_rate is a float such as 0.01; got {value!r}. For rates that change,"
                " use the callback LearningRateScheduler"
            )
        self.rate = through_float32(value)

    def apply(self, gradients, weights):
        """Change each of the weights by one step; both are lists of arrays, always the same weights in one order."""
        self.build(weights)
        shapes = [np.shape(g) for g in gradients]
        if shapes != [w.shape for w in weights]:
            raise ValueError(f"gradients of shapes {shapes} do not fit weights of {[w.shape for w in weights]}")
        gradients = self.clip(gradients)
        self.begin()
        for w, g, memory in zip(weights, gradients, self.memories):
            if self.weight_decay is not None:
                w -= w * through_float32(self.weight_decay) * self.rate
            self.step(w, g, memory, self.rate)
        self.iterations += 1

    def build(self, weights):
        """Set up what is remembered about each weight. ValueError if they are not those of the first time."""
        if self.memories is None:
            self.known = list(weights)
            self.memories = [{name: self.start(w) for name in self.remembers} for w in weights]
        if len(weights) != len(self.known) or any(a is not b for a, b in zip(weights, self.known)):
            raise ValueError(f"this {type(self).__name__} already works on other weights: make a new one")

    def start(self, w):
        """What is remembered about w before the first step."""
        return np.zeros_like(w)

    def arrays(self):
        """All numbers the optimizer keeps, once it has taken a step: step count, learning rate, memories."""
        if self.memories is None:
            return []
        kept = [np.array(self.iterations, np.int64), np.array(self.rate, np.float32)]
        return kept + [a for memory in self.memories for a in memory.values()]

    def clip(self, gradients):
        if self.clipnorm:
            c = self.clipnorm
            return [g * c / max(float(np.sqrt(np.square(g).sum())), c) for g in gradients]
        if self.global_clipnorm:
            norm, c = math.sqrt(sum(float(np.square(g).sum()) for g in gradients)), self.global_clipnorm
            scale = c / max(norm, c) if math.isfinite(norm) else math.nan
            return [g * scale for g in gradients]
        if self.clipvalue:
            return [np.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        return gradients

    def begin(self):
        """What happens once a step, before the weights are visited."""

    def step(self, w, g, memory, lr):
        raise TypeError(f"{type(self).__name__} does not say how to take a step")
