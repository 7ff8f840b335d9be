// What the rules of figures with windows share; only their modules, which say WINDOWS = True, carry it.

// Flat numbers of `shape` with pad[axis] = [before, after] cells of `value`: {shape, data}.
function padded(data, shape, pad, value = 0) {
  const bigger = shape.map((n, axis) => n + pad[axis][0] + pad[axis][1]);
  const made = Array(product(bigger)).fill(value);
  cells(shape).forEach((k, i) => (made[ravel(k.map((j, axis) => j + pad[axis][0]), bigger)] = data[i]));
  return { shape: bigger, data: made };
}

// TensorFlow's lengths and padding. An odd cell goes after.
function samePadding(length, size, stride, dilation) {
  const span = (size - 1) * dilation + 1;
  const all = Math.max((Math.ceil(length / stride) - 1) * stride + span - length, 0);
  return [Math.floor(all / 2), all - Math.floor(all / 2)];
}

function padWidths(space, size, strides, padding, dilation) {
  if (padding === "causal") return size.map((k, a) => [(k - 1) * dilation[a], 0]);
  if (padding === "same") return space.map((n, a) => samePadding(n, size[a], strides[a], dilation[a]));
  return space.map(() => [0, 0]);
}

function outputLength(length, size, stride, padding, dilation) {
  if (padding !== "valid") return Math.ceil(length / stride);
  return Math.floor((length - (size - 1) * dilation - 1) / stride) + 1;
}

// [[tap, cell], ...] of the window at `position`: which kernel cell meets which cell of the padded input.
const windowAt = (position, size, strides, dilation) =>
  cells(size).map((tap) => [tap, tap.map((j, a) => position[a] * strides[a] + j * dilation[a])]);
