"""Batch normalisation: statistics of the batch in training, moving averages of them afterwards.

Source: https://keras.io/api/layers/normalization_layers/batch_normalization/ ; Ioffe and Szegedy 2015
"""

import numpy as np

from .moments import mean, standardize, standardize_back
from .normalization import Normalization


class BatchNormalization(Normalization):
    """Each channel by itself: mean and variance over every axis but `axis`, the one that is kept.

    Training: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, and moving <- m moving + (1 - m) now, with m the
    momentum; the variance is divided by n. Otherwise, and always if trainable is False, the moving statistics take
    their place.
    mask (all axes of x but the last): what it hides is left out of the statistics, though normalised like the rest.
    ValueError for an empty batch in training, and for renorm and synchronized, which are not supported.
    """

    def __init__(self, axis=-1, momentum=0.99, epsilon=1e-3, center=True, scale=True, beta_initializer="zeros",
                 gamma_initializer="ones", moving_mean_initializer="zeros", moving_variance_initializer="ones",
                 beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None,
                 renorm=False, renorm_clipping=None, renorm_momentum=0.99, synchronized=False, **options):  # fmt: skip
        super().__init__(int(axis), epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
                         gamma_regularizer, beta_constraint, gamma_constraint, **options)  # fmt: skip
        other_momentum = None if renorm_momentum == 0.99 else renorm_momentum
        self.refuse("batch renormalisation is left to Keras", renorm=renorm, renorm_clipping=renorm_clipping,
                    renorm_momentum=other_momentum)  # fmt: skip
        self.refuse("there is one machine only", synchronized=synchronized)
        self.momentum = float(momentum)
        self.moving_initializers = moving_mean_initializer, moving_variance_initializer

    def build(self, input_shape):
        super().build(input_shape)
        self.over = tuple(i for i in range(self.rank) if i not in self.own_axes)
        for name, initializer in zip(("moving_mean", "moving_variance"), self.moving_initializers):
            self.add_weight(name, self.sizes, initializer, trainable=False)

    def call(self, x, training=False, mask=None):
        self.check_input(x.shape)
        self.mask = self.check_mask(mask, x)
        self.trains = bool(training and self.trainable)
        if not self.trains:
            self.s = 1 / np.sqrt(self.moving_variance.reshape(self.broadcast) + self.epsilon)
            self.xhat = (x - self.moving_mean.reshape(self.broadcast)) * self.s
            return self.scale_and_shift(self.xhat)
        if x.size == 0:
            raise ValueError(f"BatchNormalization cannot learn from an empty batch; got shape {x.shape}")
        if self.mask is None:
            self.xhat, self.s, mu, variance = standardize(x, self.average, self.epsilon)
        else:
            mu, variance = self.masked_moments(x)
        for moving, now in ((self.moving_mean, mu), (self.moving_variance, variance)):
            moving *= self.momentum
            moving += (1 - self.momentum) * now.reshape(self.sizes)
        return self.scale_and_shift(self.xhat)

    def backward(self, dy):
        dxhat = self.scale_back(dy, self.xhat)
        if not self.trains:
            return dxhat * self.s
        if self.mask is None:
            return standardize_back(dxhat, self.xhat, self.s, self.average)
        return self.masked_back(dxhat)

    def average(self, a):
        return mean(a, self.over)

    # --- masks ----------------------------------------------------------------------------------------------------

    def check_mask(self, mask, x):
        if mask is None:
            return None
        mask = np.asarray(mask, bool)
        if mask.ndim != x.ndim - 1 or any(m not in (1, n) for m, n in zip(mask.shape, x.shape)):
            raise ValueError(f"BatchNormalization: a mask for {x.shape} has shape {x.shape[:-1]}; got {mask.shape}")
        return np.broadcast_to(mask[..., None], x.shape)

    def masked_moments(self, x):
        """Mean and variance of the numbers the mask lets through; their count gets Keras' small 1e-7 on top."""
        self.count = self.mask.sum(self.over, keepdims=True).astype(x.dtype) + 1e-7
        mu = np.where(self.mask, x, 0).sum(self.over, keepdims=True) / self.count
        self.centred = x - mu
        variance = np.where(self.mask, self.centred**2, 0).sum(self.over, keepdims=True) / self.count
        self.s = 1 / np.sqrt(variance + self.epsilon)
        self.xhat = self.centred * self.s
        return mu, variance

    def masked_back(self, dxhat):
        """Each number reaches y directly, and through mean and variance if the mask lets it through."""
        shown = np.where(self.mask, self.centred, 0)
        dvariance = -0.5 * self.s**3 * (dxhat * self.centred).sum(self.over, keepdims=True)
        dmean = -self.s * dxhat.sum(self.over, keepdims=True)
        dmean -= 2 * dvariance * shown.sum(self.over, keepdims=True) / self.count
        return dxhat * self.s + (2 * dvariance * shown + dmean * self.mask) / self.count
