"""The cases at the size one trains with: batches of 32, and of 8 where there is a third axis of space."""

from .cases import ON, Case

STEPS, IMAGE, VOLUME = (32, 128, 32), (32, 28, 28, 32), (8, 12, 12, 12, 16)
EVERY_RANK = [(1, STEPS), (2, IMAGE), (3, VOLUME)]
ROW, SEQUENCE = (32, 4096), (32, 64, 64)
WORDS = " ".join(f"word{i}" for i in range(100))
VOCABULARY = f"vocabulary={WORDS.split()[:50]}"

TRAINING = {
    "Dense": [Case("Dense(256)", (32, 784)), Case("EinsumDense('abc,cd->abd', (None, 64))", SEQUENCE)],
    "Activation": [
        Case("Activation('tanh')", ROW), Case("ReLU()", ROW), Case("LeakyReLU()", ROW), Case("PReLU()", ROW),
        Case("ELU()", ROW), Case("Softmax()", ROW),
    ],
    "Regularization": [
        Case("Dropout(0.5)", ROW, call=ON), Case("AlphaDropout(0.5)", ROW, call=ON),
        *(Case(f"SpatialDropout{rank}D(0.5)", shape, call=ON) for rank, shape in EVERY_RANK),
        Case("GaussianDropout(0.5)", ROW, call=ON), Case("GaussianNoise(0.5)", ROW, call=ON),
        Case("ActivityRegularization(l2=0.5)", ROW),
    ],
    "Reshaping": [
        Case("Permute((2, 1))", STEPS), Case("RepeatVector(64)", (32, 64)),
        *(Case(f"ZeroPadding{rank}D(1)", shape) for rank, shape in EVERY_RANK),
        *(Case(f"Cropping{rank}D(1)", shape) for rank, shape in EVERY_RANK),
        Case("UpSampling1D(2)", STEPS), Case("UpSampling2D(2)", (32, 14, 14, 32)),
        Case("UpSampling2D(2, interpolation='bilinear')", (32, 14, 14, 32)), Case("UpSampling3D(2)", (8, 6, 6, 6, 16)),
    ],
    "Merging": [
        *(Case(f"{kind}()", ROW, inputs=2)
          for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")),
        Case("Dot(axes=2)", SEQUENCE, inputs=2),
    ],
    "Normalization": [
        Case("BatchNormalization()", IMAGE, call=ON), Case("LayerNormalization()", SEQUENCE),
        Case("GroupNormalization(4)", IMAGE), Case("UnitNormalization()", SEQUENCE),
        Case("RMSNormalization()", SEQUENCE),
    ],
    "Convolution": [
        Case("Conv1D(32, 5)", (32, 128, 16)), Case("Conv2D(32, 3)", (32, 28, 28, 1)),
        Case("Conv2D(64, 3, padding='same')", (32, 32, 32, 32)), Case("Conv3D(16, 3)", (8, 12, 12, 12, 8)),
        Case("DepthwiseConv1D(5)", STEPS), Case("DepthwiseConv2D(3)", IMAGE), Case("SeparableConv1D(32, 5)", STEPS),
        Case("SeparableConv2D(32, 3)", IMAGE),
    ],
    "Transposed convolution": [
        Case("Conv1DTranspose(16, 3, strides=2)", (32, 64, 32)),
        Case("Conv2DTranspose(16, 3, strides=2)", (32, 14, 14, 32)),
        Case("Conv3DTranspose(8, 2, strides=2)", (8, 6, 6, 6, 16)),
    ],
    "Pooling": [
        *(Case(f"{kind}Pooling{rank}D(2)", shape) for kind in ("Max", "Average") for rank, shape in EVERY_RANK),
        *(Case(f"Global{kind}Pooling{rank}D()", shape) for kind in ("Max", "Average") for rank, shape in EVERY_RANK),
        Case("AdaptiveMaxPooling2D(5)", IMAGE), Case("AdaptiveAveragePooling2D(5)", IMAGE),
    ],
    "Embedding and text": [
        Case("Embedding(10000, 64)", (32, 64), ids=10000), Case("Masking()", STEPS),
        Case(f"StringLookup({VOCABULARY})", (32, 64), words=WORDS),
    ],
    "Recurrent": [
        *(Case(f"{kind}(64)", (32, 64, 32)) for kind in ("SimpleRNN", "GRU", "LSTM")),
        Case("Bidirectional(LSTM(32))", (32, 64, 32)), Case("TimeDistributed(Dense(64))", (32, 64, 32)),
        Case("ConvLSTM1D(16, 3, padding='same')", (8, 8, 64, 4)),
        Case("ConvLSTM2D(16, 3, padding='same')", (8, 8, 16, 16, 4)),
    ],
    "Attention": [
        Case("Attention()", SEQUENCE, inputs=2), Case("AdditiveAttention()", SEQUENCE, inputs=2),
        Case("MultiHeadAttention(4, 16)", SEQUENCE, inputs=2),
    ],
}  # fmt: skip
