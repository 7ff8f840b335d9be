"""The NumPy layers, by Keras' names."""

from .base import Layer
from .convolution import Conv1D, Conv2D, Conv3D
from .initializers import set_random_seed
from .lstm import LSTM, LSTMCell
from .recurrent import RNN
from .recurrent_cells import Cell

__all__ = ["Cell", "Conv1D", "Conv2D", "Conv3D", "LSTM", "LSTMCell", "Layer", "RNN", "set_random_seed"]
