"""Why a layer is slower than compiled Keras, in plain words: of one layer, or of its family."""

PASSES = (
    "NumPy goes over the whole array once for each operation of the formula. Keras has code written for this one layer "
    "that goes over it once."
)
RANDOM = "Most of the time goes into random numbers. NumPy draws them one after another, TensorFlow several at once."
MATRIX = (
    "Matrix products and little else. How fast they are depends on the library that multiplies: OpenBLAS under NumPy, "
    "oneDNN and Eigen under TensorFlow."
)

DEPTHWISE = (
    "In a depthwise convolution, the first half of a separable one, channels never mix. So there is no sum over "
    "channels and no matrix product to do the work: every tap of the kernel is a multiplication and an addition of "
    "whole rows. Nothing we tried in NumPy was faster and could still be read; Keras' own code keeps a window in the "
    "processor's registers."
)

AVERAGES = (
    "One pass over the image for each cell of the window, forward and back. Keras' code looks at each window once."
)
GLOBAL_AVERAGES = (
    "One pass over the image for the sum, one to spread the gradient. NumPy is slow at sums along several axes at once."
)

BY_FAMILY = {
    "Dense": MATRIX,
    "Activation": PASSES,
    "Regularization": RANDOM,
    "Reshaping": "The cells are copied axis by axis. Keras copies them in one go.",
    "Merging": PASSES,
    "Normalization": PASSES,
    "Convolution": (
        "The windows are copied into a matrix before one product does the work, and on the way back each tap is "
        "stamped onto the image by itself. Keras' code multiplies where the numbers lie."
    ),
    "Transposed convolution": (
        "One matrix product for each tap of the kernel, each added onto cells that overlap. Keras does all at once."
    ),
    "Pooling": (
        "One pass over the image for each cell of the window, and on the way back more, to find the winner. Keras' "
        "code looks at each window once."
    ),
    "Embedding and text": (
        "The gradient by hand is a whole table with a row for every word. Keras hands on only the rows that were used."
    ),
    "Recurrent": "The steps are a loop in Python, with small matrices in each. Compiled Keras runs its loop in C++.",
    "Attention": MATRIX + " The softmax between the products is five passes over all the scores.",
}

BY_LAYER = {
    **{f"AveragePooling{rank}D": AVERAGES for rank in (1, 2, 3)},
    **{f"GlobalAveragePooling{rank}D": GLOBAL_AVERAGES for rank in (1, 2, 3)},
    **{f"GlobalMaxPooling{rank}D": PASSES for rank in (1, 2, 3)},
    "Masking": PASSES,
    "DepthwiseConv1D": DEPTHWISE,
    "DepthwiseConv2D": DEPTHWISE,
    "SeparableConv1D": DEPTHWISE,
    "SeparableConv2D": DEPTHWISE,
    "UpSampling2D": (
        "Interpolation by hand is a product with a matrix that is nearly all zeros. Keras reads only the four pixels "
        "around each new one."
    ),
    "SpatialDropout2D": PASSES,
    "ActivityRegularization": PASSES,
    "AdditiveAttention": "A tanh for every pair of a query and a key: the same work on both sides.",
    "StringLookup": "Words are looked up in a dictionary of Python, one after another.",
    "TextVectorization": "Texts are cleaned and split by Python's own methods, one after another.",
}


def why(row):
    """The reason for a row of the results."""
    return BY_LAYER.get(row["layer"], BY_FAMILY[row["family"]])
