"""The cases at the size one teaches with: a few cells, as on the pages of this book."""

from .cases import ON, Case

STEPS, IMAGE, VOLUME = (2, 8, 3), (2, 6, 6, 2), (1, 4, 4, 4, 2)
EVERY_RANK = [(1, STEPS), (2, IMAGE), (3, VOLUME)]
WORDS = "the cat sat on the mat and the dog saw it"
VOCABULARY = "vocabulary=['the', 'cat', 'mat', 'dog']"

TEACHING = {
    "Dense": [Case("Dense(2)", (4, 3)), Case("EinsumDense('abc,cd->abd', (None, 2))", (2, 4, 3))],
    "Activation": [
        Case("Activation('tanh')", (4, 5)), Case("ReLU()", (4, 5)), Case("LeakyReLU()", (4, 5)),
        Case("PReLU()", (4, 5)), Case("ELU()", (4, 5)), Case("Softmax()", (4, 5)), Case("Identity()", (4, 5)),
    ],
    "Regularization": [
        Case("Dropout(0.5)", (4, 5), call=ON), Case("AlphaDropout(0.5)", (4, 5), call=ON),
        *(Case(f"SpatialDropout{rank}D(0.5)", shape, call=ON) for rank, shape in EVERY_RANK),
        Case("GaussianDropout(0.5)", (4, 5), call=ON), Case("GaussianNoise(0.5)", (4, 5), call=ON),
        Case("ActivityRegularization(l2=0.5)", (4, 5)),
    ],
    "Reshaping": [
        Case("Flatten()", IMAGE), Case("Reshape((9, 8))", IMAGE), Case("Permute((2, 1))", STEPS),
        Case("RepeatVector(3)", (4, 5)),
        *(Case(f"ZeroPadding{rank}D(1)", shape) for rank, shape in EVERY_RANK),
        *(Case(f"Cropping{rank}D(1)", shape) for rank, shape in EVERY_RANK),
        *(Case(f"UpSampling{rank}D(2)", shape) for rank, shape in EVERY_RANK),
        Case("UpSampling2D(2, interpolation='bilinear')", IMAGE),
    ],
    "Merging": [
        *(Case(f"{kind}()", (4, 5), inputs=2)
          for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")),
        Case("Dot(axes=1)", (4, 5), inputs=2),
    ],
    "Normalization": [
        Case("BatchNormalization()", (8, 4), call=ON), Case("LayerNormalization()", (8, 4)),
        Case("GroupNormalization(2)", IMAGE), Case("UnitNormalization()", (8, 4)), Case("RMSNormalization()", (8, 4)),
    ],
    "Convolution": [
        Case("Conv1D(4, 3)", STEPS), Case("Conv2D(1, 3, padding='same')", (1, 5, 5, 1)),
        Case("Conv2D(4, 3)", (4, 8, 8, 3)), Case("Conv3D(2, 2)", VOLUME), Case("DepthwiseConv1D(3)", STEPS),
        Case("DepthwiseConv2D(3)", IMAGE), Case("SeparableConv1D(4, 3)", STEPS), Case("SeparableConv2D(4, 3)", IMAGE),
        Case("LocallyConnected1D(4, 3)", STEPS), Case("LocallyConnected2D(4, 3)", IMAGE),
    ],
    "Transposed convolution": [
        Case("Conv1DTranspose(1, 3, strides=2)", (1, 5, 1)), Case("Conv2DTranspose(1, 3, strides=2)", (1, 4, 4, 2)),
        Case("Conv3DTranspose(1, 2, strides=2)", (1, 3, 3, 3, 1)),
    ],
    "Pooling": [
        *(Case(f"{kind}Pooling{rank}D(2)", shape)
          for kind in ("Max", "Average", "L2", "MeanShift") for rank, shape in EVERY_RANK),
        *(Case(f"Global{kind}Pooling{rank}D()", shape) for kind in ("Max", "Average") for rank, shape in EVERY_RANK),
        *(Case(f"Adaptive{kind}Pooling{rank}D(3)", shape) for kind in ("Max", "Average") for rank, shape in EVERY_RANK),
        Case("BilinearPooling()", IMAGE),
    ],
    "Embedding and text": [
        Case("Embedding(10, 4)", (2, 5), ids=10), Case("Masking()", STEPS),
        Case(f"StringLookup({VOCABULARY})", (2, 5), words=WORDS),
        Case(f"TextVectorization({VOCABULARY})", (5,), words=WORDS),
    ],
    "Recurrent": [
        *(Case(f"{kind}(4, return_sequences=True)", (2, 5, 3)) for kind in ("SimpleRNN", "GRU", "LSTM")),
        Case("RNN([GRUCell(4), LSTMCell(4)])", (2, 5, 3)), Case("Bidirectional(LSTM(4))", (2, 5, 3)),
        Case("TimeDistributed(Dense(4))", (2, 5, 3)),
        Case("ConvLSTM1D(2, 3)", (1, 4, 6, 1)), Case("ConvLSTM2D(2, 3)", (1, 4, 6, 6, 1)),
        Case("ConvLSTM3D(1, 2)", (1, 3, 3, 3, 3, 1)),
    ],
    "Attention": [
        Case("Attention()", (1, 4, 3), inputs=2), Case("AdditiveAttention()", (1, 4, 3), inputs=2),
        Case("MultiHeadAttention(2, 3)", (1, 4, 6), inputs=2),
    ],
}  # fmt: skip
