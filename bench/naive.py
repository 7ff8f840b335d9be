"""Layers as one first writes them: one number after another, in loops. Slow, and worth reading beside the fast ones.

Each function takes a built layer, whose weights it uses, and the input; it gives what the layer gives.
"""

import math

import numpy as np


def dense(layer, x):
    y = np.zeros((len(x), layer.units), x.dtype)
    for n in range(len(x)):
        for u in range(layer.units):
            y[n, u] = layer.bias[u]
            for c in range(x.shape[1]):
                y[n, u] += x[n, c] * layer.kernel[c, u]
    return y


def conv1d(layer, x):
    taps, channels, filters = layer.kernel.shape
    y = np.zeros((len(x), x.shape[1] - taps + 1, filters), x.dtype)
    for n in range(len(x)):
        for o in range(y.shape[1]):
            for f in range(filters):
                y[n, o, f] = layer.bias[f]
                for j in range(taps):
                    for c in range(channels):
                        y[n, o, f] += x[n, o + j, c] * layer.kernel[j, c, f]
    return y


def conv2d(layer, x):
    height, width, channels, filters = layer.kernel.shape
    if layer.padding == "same":
        x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))  # a kernel of 3 x 3
    y = np.zeros((len(x), x.shape[1] - height + 1, x.shape[2] - width + 1, filters), x.dtype)
    for n in range(len(x)):
        for row in range(y.shape[1]):
            for column in range(y.shape[2]):
                for f in range(filters):
                    y[n, row, column, f] = layer.bias[f]
                    for i in range(height):
                        for j in range(width):
                            for c in range(channels):
                                y[n, row, column, f] += x[n, row + i, column + j, c] * layer.kernel[i, j, c, f]
    return y


def depthwise_conv2d(layer, x):
    height, width, channels, _ = layer.kernel.shape
    y = np.zeros((len(x), x.shape[1] - height + 1, x.shape[2] - width + 1, channels), x.dtype)
    for n in range(len(x)):
        for row in range(y.shape[1]):
            for column in range(y.shape[2]):
                for c in range(channels):
                    y[n, row, column, c] = layer.bias[c]
                    for i in range(height):
                        for j in range(width):
                            y[n, row, column, c] += x[n, row + i, column + j, c] * layer.kernel[i, j, c, 0]
    return y


def locally_connected1d(layer, x):
    taps = layer.kernel_size[0]
    y = np.zeros((len(x), *layer.out, layer.filters), x.dtype)
    for n in range(len(x)):
        for o in range(y.shape[1]):
            for f in range(layer.filters):
                y[n, o, f] = layer.bias[o, f]
                for j in range(taps):
                    for c in range(x.shape[2]):
                        y[n, o, f] += x[n, o + j, c] * layer.kernel[o, j * x.shape[2] + c, f]
    return y


def locally_connected2d(layer, x):
    (height, width), (rows, columns), channels = layer.kernel_size, layer.out, x.shape[3]
    y = np.zeros((len(x), rows, columns, layer.filters), x.dtype)
    for n in range(len(x)):
        for row in range(rows):
            for column in range(columns):
                kernel = layer.kernel[row * columns + column]
                for f in range(layer.filters):
                    y[n, row, column, f] = layer.bias[row, column, f]
                    for i in range(height):
                        for j in range(width):
                            for c in range(channels):
                                tap = (i * width + j) * channels + c
                                y[n, row, column, f] += x[n, row + i, column + j, c] * kernel[tap, f]
    return y


def conv2d_transpose(layer, x):
    height, width, filters, channels = layer.kernel.shape
    s, t = layer.strides
    y = np.zeros((len(x), (x.shape[1] - 1) * s + height, (x.shape[2] - 1) * t + width, filters), x.dtype)
    y += layer.bias
    for n in range(len(x)):
        for row in range(x.shape[1]):
            for column in range(x.shape[2]):
                for i in range(height):
                    for j in range(width):
                        for f in range(filters):
                            for c in range(channels):
                                product = x[n, row, column, c] * layer.kernel[i, j, f, c]
                                y[n, row * s + i, column * t + j, f] += product
    return y


def windows2d(layer, x, combine):
    (height, width), (s, t) = layer.pool_size, layer.strides
    y = np.zeros((len(x), (x.shape[1] - height) // s + 1, (x.shape[2] - width) // t + 1, x.shape[3]), x.dtype)
    for n in range(len(x)):
        for row in range(y.shape[1]):
            for column in range(y.shape[2]):
                for c in range(x.shape[3]):
                    seen = [x[n, row * s + i, column * t + j, c] for i in range(height) for j in range(width)]
                    y[n, row, column, c] = combine(seen)
    return y


def max_pooling2d(layer, x):
    return windows2d(layer, x, max)


def average_pooling2d(layer, x):
    return windows2d(layer, x, lambda seen: sum(seen) / len(seen))


def l2_pooling2d(layer, x):
    return windows2d(layer, x, lambda seen: math.sqrt(sum(value**2 for value in seen)))


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def weighted(row, column, kernel):
    """The sum of a row times a column of the kernel."""
    return sum(row[c] * kernel[c, column] for c in range(len(row)))


def simple_rnn(layer, x):
    y = np.zeros((*x.shape[:2], layer.units), x.dtype)
    for n in range(len(x)):
        h = [0.0] * layer.units
        for t in range(x.shape[1]):
            h = [
                math.tanh(weighted(x[n, t], u, layer.kernel) + weighted(h, u, layer.recurrent_kernel) + layer.bias[u])
                for u in range(layer.units)
            ]
            y[n, t] = h
    return y


def gru(layer, x):
    units = layer.units
    y = np.zeros((*x.shape[:2], units), x.dtype)
    for n in range(len(x)):
        h = [0.0] * units
        for t in range(x.shape[1]):
            new = []
            for u in range(units):
                of_x = [weighted(x[n, t], k * units + u, layer.kernel) + layer.bias[0, k * units + u] for k in range(3)]
                of_h = [
                    weighted(h, k * units + u, layer.recurrent_kernel) + layer.bias[1, k * units + u] for k in range(3)
                ]
                z, r = sigmoid(of_x[0] + of_h[0]), sigmoid(of_x[1] + of_h[1])
                new.append(z * h[u] + (1 - z) * math.tanh(of_x[2] + r * of_h[2]))
            h = new
            y[n, t] = h
    return y


def lstm(layer, x):
    units = layer.units
    y = np.zeros((*x.shape[:2], units), x.dtype)
    for n in range(len(x)):
        h, c = [0.0] * units, [0.0] * units
        for t in range(x.shape[1]):
            gates = [
                weighted(x[n, t], k, layer.kernel) + weighted(h, k, layer.recurrent_kernel) + layer.bias[k]
                for k in range(4 * units)
            ]
            for u in range(units):
                i, f, o = (sigmoid(gates[k * units + u]) for k in (0, 1, 3))
                c[u] = f * c[u] + i * math.tanh(gates[2 * units + u])
                h[u] = o * math.tanh(c[u])
            y[n, t] = h
    return y


def attention(layer, inputs):
    query, value = inputs
    y = np.zeros_like(query)
    for n in range(len(query)):
        for i in range(query.shape[1]):
            scores = []
            for j in range(value.shape[1]):
                scores.append(sum(query[n, i, d] * value[n, j, d] for d in range(query.shape[2])))
            powers = [math.exp(score) for score in scores]
            for d in range(value.shape[2]):
                y[n, i, d] = sum(powers[j] * value[n, j, d] for j in range(len(powers))) / sum(powers)
    return y


LOOPS = {
    "Dense": dense, "Conv1D": conv1d, "Conv2D": conv2d, "DepthwiseConv2D": depthwise_conv2d,
    "LocallyConnected1D": locally_connected1d, "LocallyConnected2D": locally_connected2d,
    "Conv2DTranspose": conv2d_transpose, "MaxPooling2D": max_pooling2d, "AveragePooling2D": average_pooling2d,
    "L2Pooling2D": l2_pooling2d, "SimpleRNN": simple_rnn, "GRU": gru, "LSTM": lstm, "Attention": attention,
}  # fmt: skip
