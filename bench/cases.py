"""What is measured: a layer, its arguments, an input shape, at the size one teaches with or trains with."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One measured setting. `reach` is how many times slower than compiled Keras the layer may be, forward and backward
    together, at training size; at teaching size the forward pass is to be at least three times faster."""

    layer: str
    arguments: dict
    shape: tuple
    reach: float | None = None
    ids: int | None = None  # for layers that take integers: how many different ones
    inputs: int = 1  # how many inputs of that shape the layer takes, as a list or one by one as Keras has it
    call: dict = field(default_factory=dict)

    @property
    def name(self):
        said = ", ".join(f"{k}={v!r}" for k, v in self.arguments.items())
        return f"{self.layer}({said}) on {self.shape}"


TEACHING = [
    Case("Conv1D", {"filters": 4, "kernel_size": 3}, (2, 8, 3)),
    Case("Conv2D", {"filters": 1, "kernel_size": 3, "padding": "same"}, (1, 5, 5, 1)),
    Case("Conv2D", {"filters": 4, "kernel_size": 3}, (4, 8, 8, 3)),
    Case("Conv3D", {"filters": 2, "kernel_size": 2}, (1, 4, 4, 4, 1)),
    Case("Conv1DTranspose", {"filters": 1, "kernel_size": 3, "strides": 2}, (1, 5, 1)),
    Case("Conv2DTranspose", {"filters": 1, "kernel_size": 3, "strides": 2}, (1, 4, 4, 2)),
    Case("Conv3DTranspose", {"filters": 1, "kernel_size": 2, "strides": 2}, (1, 3, 3, 3, 1)),
    Case("MaxPooling1D", {"pool_size": 2}, (1, 6, 1)),
    Case("MaxPooling2D", {"pool_size": 2}, (1, 6, 6, 2)),
    Case("MaxPooling3D", {"pool_size": 2}, (1, 4, 4, 4, 1)),
    Case("AveragePooling1D", {"pool_size": 2}, (1, 6, 1)),
    Case("AveragePooling2D", {"pool_size": 2, "padding": "same"}, (1, 5, 5, 1)),
    Case("AveragePooling3D", {"pool_size": 2}, (1, 4, 4, 4, 1)),
    Case("GlobalAveragePooling2D", {}, (1, 6, 6, 2)),
    Case("GlobalMaxPooling2D", {}, (1, 6, 6, 2)),
    Case("LSTM", {"units": 4, "return_sequences": True}, (2, 5, 3)),
    Case("GRU", {"units": 4, "return_sequences": True}, (2, 5, 3)),
    Case("SimpleRNN", {"units": 4, "return_sequences": True}, (2, 5, 3)),
    Case("ConvLSTM2D", {"filters": 2, "kernel_size": 3}, (1, 4, 6, 6, 1)),
    Case("Embedding", {"input_dim": 10, "output_dim": 4}, (2, 5), ids=10),
    Case("Attention", {}, (1, 4, 3), inputs=2),
    Case("AdditiveAttention", {}, (1, 4, 3), inputs=2),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, (1, 4, 6), inputs=2),
]

TRAINING = [
    Case("Conv1D", {"filters": 32, "kernel_size": 5}, (32, 128, 16), reach=2),
    Case("Conv2D", {"filters": 32, "kernel_size": 3}, (32, 28, 28, 1), reach=2),
    Case("Conv2D", {"filters": 64, "kernel_size": 3, "padding": "same"}, (32, 32, 32, 32), reach=2),
    Case("Conv2DTranspose", {"filters": 16, "kernel_size": 3, "strides": 2}, (32, 14, 14, 32), reach=3),
    Case("MaxPooling2D", {"pool_size": 2}, (32, 28, 28, 32), reach=3),
    Case("AveragePooling2D", {"pool_size": 2}, (32, 28, 28, 32), reach=3),
    Case("LSTM", {"units": 64}, (32, 64, 32), reach=1),
    Case("GRU", {"units": 64}, (32, 64, 32), reach=1),
    Case("SimpleRNN", {"units": 64}, (32, 64, 32), reach=1),
    Case("ConvLSTM2D", {"filters": 16, "kernel_size": 3, "padding": "same"}, (8, 8, 16, 16, 4), reach=2),
    Case("Embedding", {"input_dim": 10000, "output_dim": 64}, (32, 64), reach=2, ids=10000),
    Case("Attention", {}, (32, 64, 64), reach=1.5, inputs=2),
    Case("AdditiveAttention", {}, (32, 64, 64), reach=1.5, inputs=2),
    Case("MultiHeadAttention", {"num_heads": 4, "key_dim": 16}, (32, 64, 64), reach=1.5, inputs=2),
]
