"""How weights follow their gradients: the optimizers by Keras' names, equal to Keras step for step.

t counts the steps from 1. In Adam's family m is the moving mean of the gradients and v that of their squares; both
start at 0, which the powers of beta make up for. Keras rounds some numbers of these formulas to float32, in float64
models too, and through_float32 marks them: with the exact betas, Adam's first step would differ by 6e-6.
One difference is left: for an Embedding whose batch holds an id twice, Keras' TensorFlow squares the two parts of the
row's gradient one by one where the formulas, and this module, square their sum.
Source: https://keras.io/api/optimizers/ ; Hinton 2012; Duchi et al. 2011; Zeiler 2012; Kingma and Ba 2015; Reddi et al.
2018; Loshchilov and Hutter 2019; Dozat 2015
"""

import math

import numpy as np

from ..layers.constants import through_float32
from .optimizer import Optimizer


class SGD(Optimizer):
    """w -= lr g; with momentum: u = momentum u - lr g, w += u, or with nesterov w += momentum u - lr g."""

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, weight_decay=None, **options):
        super().__init__(learning_rate, weight_decay, **options)
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            raise ValueError(f"SGD: momentum is a float between 0.0 and 1.0; got {momentum!r}")
        self.momentum, self.nesterov = through_float32(momentum), nesterov
        self.remembers = ("momentum",) if momentum else ()

    def step(self, w, g, memory, lr):
        if not self.momentum:
            w -= lr * g
            return
        u = memory["momentum"]
        u *= self.momentum
        u -= lr * g
        w += self.momentum * u - lr * g if self.nesterov else u


class RMSprop(Optimizer):
    """v = rho v + (1 - rho) g^2, w -= lr g / sqrt(v + epsilon) (Hinton 2012).

    centered: minus the square of the mean gradient under the root. momentum: u = momentum u + step, w -= u."""

    def __init__(self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, weight_decay=None,
                 **options):  # fmt: skip
        super().__init__(learning_rate, weight_decay, **options)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered
        self.remembers = ("velocity", *["momentum"] * (momentum > 0), *["mean"] * bool(centered))

    def step(self, w, g, memory, lr):
        v = memory["velocity"]
        v[...] = self.rho * v + (1 - self.rho) * g * g
        spread = v + self.epsilon
        if self.centered:
            mean = memory["mean"]
            mean[...] = self.rho * mean + (1 - self.rho) * g
            spread -= mean * mean
        move = lr * g / np.sqrt(spread)
        if self.momentum > 0:
            u = memory["momentum"]
            u[...] = self.momentum * u + move
            move = u
        w -= move


class Adagrad(Optimizer):
    """a += g^2, w -= lr g / sqrt(a + epsilon) (Duchi et al. 2011); a starts at initial_accumulator_value."""

    remembers = ("accumulator",)

    def __init__(self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7, weight_decay=None, **options):
        super().__init__(learning_rate, weight_decay, **options)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def start(self, w):
        return np.full_like(w, through_float32(self.initial_accumulator_value))

    def step(self, w, g, memory, lr):
        a = memory["accumulator"]
        a += g * g
        w -= lr * g / np.sqrt(a + self.epsilon)


class Adadelta(Optimizer):
    """d = g rms(past d) / rms(past g), w -= lr d (Zeiler 2012), with rms(x) = sqrt(mean of x^2 by rho + epsilon)."""

    remembers = ("gradients", "steps")

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-7, weight_decay=None, **options):
        super().__init__(learning_rate, weight_decay, **options)
        self.rho, self.epsilon = rho, epsilon

    def step(self, w, g, memory, lr):
        past_g, past_d = memory["gradients"], memory["steps"]
        past_g[...] = self.rho * past_g + (1 - self.rho) * g * g
        d = g * np.sqrt(past_d + self.epsilon) / np.sqrt(past_g + self.epsilon)
        past_d[...] = self.rho * past_d + (1 - self.rho) * d * d
        w -= lr * d


class Adam(Optimizer):
    """w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon); amsgrad: v is the largest so far."""

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, weight_decay=None,
                 **options):  # fmt: skip
        super().__init__(learning_rate, weight_decay, **options)
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad
        self.remembers = ("momentum", "velocity", *["largest"] * bool(amsgrad))

    def begin(self):
        t = self.iterations + 1
        power_1, power_2 = through_float32(self.beta_1) ** t, through_float32(self.beta_2) ** t
        self.correction = math.sqrt(1 - power_2) / (1 - power_1)

    def step(self, w, g, memory, lr):
        m, v = memory["momentum"], memory["velocity"]
        m += (1 - self.beta_1) * (g - m)
        v += (1 - self.beta_2) * (g * g - v)
        if self.amsgrad:
            v = np.maximum(memory["largest"], v, out=memory["largest"])
        w -= lr * self.correction * m / (np.sqrt(v) + self.epsilon)


class AdamW(Adam):
    """Adam with weight decay that does not pass through m and v. ValueError without weight_decay."""

    def __init__(self, learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False,
                 **options):  # fmt: skip
        if weight_decay is None:
            raise ValueError("AdamW: weight_decay is a number such as 0.004; got None. Without it, use Adam")
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, **options)


class Adamax(Optimizer):
    """Adam with u = max(beta_2 u, |g|) instead of sqrt(v): w -= lr / (1 - beta_1^t) m / (u + epsilon)."""

    remembers = ("momentum", "norm")

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=None, **options):
        super().__init__(learning_rate, weight_decay, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def step(self, w, g, memory, lr):
        m, u = memory["momentum"], memory["norm"]
        m += (1 - self.beta_1) * (g - m)
        np.maximum(self.beta_2 * u, np.abs(g), out=u)
        w -= lr * m / ((1 - through_float32(self.beta_1) ** (self.iterations + 1)) * (u + self.epsilon))


class Nadam(Optimizer):
    """Adam that looks one step ahead: the mean gradient of the next step takes the place of m.

    The weight of the past grows with t as beta_1 (1 - 0.96^t / 2); its product over all steps corrects the start."""

    remembers = ("momentum", "velocity")

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=None, **options):
        super().__init__(learning_rate, weight_decay, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.product = 1.0

    def arrays(self):
        return super().arrays() + [np.array(self.product, w.dtype) for w in (self.known or [])[:1]]

    def begin(self):
        t, beta_1, decay = self.iterations + 1, through_float32(self.beta_1), through_float32(0.96)
        self.now, self.next = beta_1 * (1 - 0.5 * decay**t), beta_1 * (1 - 0.5 * decay ** (t + 1))
        self.product *= self.beta_1 * (1 - 0.5 * 0.96**t)  # the one place where Keras rounds neither number

    def step(self, w, g, memory, lr):
        m, v = memory["momentum"], memory["velocity"]
        m += (1 - through_float32(self.beta_1)) * (g - m)
        v += (1 - through_float32(self.beta_2)) * (g * g - v)
        m_hat = self.next * m / (1 - self.product * self.next) + (1 - self.now) * g / (1 - self.product)
        v_hat = v / (1 - through_float32(self.beta_2) ** (self.iterations + 1))
        w -= lr * m_hat / (np.sqrt(v_hat) + self.epsilon)


BY_NAME = {c.__name__.lower(): c for c in (SGD, RMSprop, Adagrad, Adadelta, Adam, AdamW, Adamax, Nadam)}


def get(identifier):
    """The optimizer called `identifier` ("sgd", "Adam" ...) with its defaults, or the object itself.

    ValueError for anything else."""
    if isinstance(identifier, Optimizer):
        return identifier
    if not isinstance(identifier, str) or identifier.lower() not in BY_NAME:
        raise ValueError(f"no optimizer is called {identifier!r}; known: {', '.join(BY_NAME)}")
    return BY_NAME[identifier.lower()]()
