"""From text to numbers: TextVectorization cleans, splits and looks up.

Source: https://keras.io/api/layers/preprocessing_layers/text/text_vectorization/
"""

import re
import string

import numpy as np

from . import arguments
from .base import Layer
from .string_lookup import StringLookup, as_words

LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
WHITE_SPACE = re.compile("[ \t\n\r\v\f]+")


class TextVectorization(Layer):
    """texts (B,) or (B, 1) -> ids (B, T), padded with 0 to the longest or cut and padded to output_sequence_length.

    Each text is standardized (ASCII letters to lower case, ASCII punctuation taken out), split (at ASCII white space,
    or into characters, as Chinese needs), joined into ngrams if wanted, and looked up as in StringLookup with the mask
    token "". Other output modes give a row over the vocabulary for each text, without the mask token.
    standardize, split: one of Keras' names, None, or a function of an array of str (Keras: of a tensor) that gives an
    array, or for split the list of words of each text. ngrams: n for all lengths up to n, or a tuple of lengths.
    split=None: the input is words already, (B, T). ragged: a list of arrays, not padded.
    A single text gives a single row. ValueError for what is not text, and for other shapes.
    """

    takes_words = True

    def __init__(self, max_tokens=None, standardize="lower_and_strip_punctuation", split="whitespace", ngrams=None,
                 output_mode="int", output_sequence_length=None, pad_to_max_tokens=False, vocabulary=None,
                 idf_weights=None, sparse=False, ragged=False, encoding="utf-8", name=None, **options):  # fmt: skip
        super().__init__(name=name, **options)
        kind = type(self).__name__
        known = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
        self.standardize = one_of(kind, "standardize", standardize, known)
        self.split = one_of(kind, "split", split, ("whitespace", "character"))
        if ngrams is not None and not isinstance(ngrams, tuple):
            ngrams = tuple(range(1, arguments.whole(kind, "ngrams", ngrams) + 1))
        self.ngrams = tuple(arguments.whole(kind, "ngrams", n) for n in ngrams or ())
        self.refuse("rows are plain arrays", sparse=sparse)
        self.lookup = StringLookup(max_tokens, mask_token="", vocabulary=vocabulary, idf_weights=idf_weights,
                                   output_mode=output_mode, pad_to_max_tokens=pad_to_max_tokens, encoding=encoding,
                                   name=kind)  # fmt: skip
        self.ragged, self.length = arguments.flag(kind, "ragged", ragged), output_sequence_length
        if self.length is not None:
            self.length = arguments.whole(kind, "output_sequence_length", self.length, least=0)
        if self.lookup.output_mode != "int" and (self.ragged or self.length is not None):
            raise ValueError(f"{kind}: output_sequence_length and ragged need output_mode='int'")

    def cast(self, inputs):
        return as_words("TextVectorization", inputs)

    def build(self, input_shape):
        """Nothing to create: the vocabulary comes from `adapt`."""

    # --- from text to words ---------------------------------------------------------------------------------------

    def words(self, texts):
        """An array of texts as one list of words for each; an array of words stays one if there is nothing to do."""
        if callable(self.standardize):
            texts = as_words("TextVectorization: standardize", self.standardize(texts.astype(str)))
        else:
            texts = mapped(self.clean, texts)
        if self.split is not None:
            texts = self.separate(texts)
        if not self.ngrams:
            return texts
        if not isinstance(texts, list) and texts.ndim not in (1, 2):
            raise ValueError(f"TextVectorization: ngrams need words (words,) or (batch, words); got {texts.shape}")
        if is_row(texts):
            return self.joined(texts)
        rows = [self.joined(row) for row in texts]
        return rows if isinstance(texts, list) or not rows else np.stack(rows)

    def clean(self, text):
        if self.standardize in ("lower", "lower_and_strip_punctuation"):
            text = text.translate(LOWER)
        if self.standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
            text = text.translate(NO_PUNCTUATION)
        return text

    def separate(self, texts):
        if isinstance(texts, list) or texts.ndim > 2 or texts.ndim == 2 and texts.shape[1] != 1:
            shape = "rows of different lengths" if isinstance(texts, list) else f"shape {texts.shape}"
            raise ValueError(f"TextVectorization takes texts (batch,) or (batch, 1), or split=None; got {shape}")
        texts = texts[:, 0] if texts.ndim == 2 else texts
        if callable(self.split):
            return as_words("TextVectorization: split", self.split(texts.astype(str)))
        parts = [list(t) if self.split == "character" else [w for w in WHITE_SPACE.split(t) if w] for t in texts.flat]
        parts = [np.array(words, dtype=object) for words in parts]
        return parts if texts.ndim else parts[0]

    def joined(self, row):
        """All runs of n words of the row, with blanks between them, for every n in ngrams."""
        runs = [" ".join(row[i : i + n]) for n in self.ngrams for i in range(len(row) - n + 1)]
        return np.array(runs, dtype=object)

    # --- from words to numbers ------------------------------------------------------------------------------------

    def adapt(self, data, batch_size=None, steps=None):
        """Learn the vocabulary from texts: a list or array of them, or an iterable of batches."""
        if batch_size is not None:
            arguments.whole("TextVectorization", "batch_size", batch_size)  # without effect, as in Keras
        if isinstance(data, list | tuple | np.ndarray):
            texts = self.cast(data)
            column = isinstance(texts, np.ndarray) and texts.ndim == 1
            self.lookup.adapt(iter([self.words(texts[:, None] if column else texts)]))
        elif isinstance(data, str):
            raise ValueError(f"TextVectorization: adapt takes a list of texts; got the text {data[:40]!r}")
        else:
            self.lookup.adapt((self.words(self.cast(batch)) for batch in data), steps)

    def set_vocabulary(self, vocabulary, idf_weights=None):
        """Take these words; idf_weights: one number each, for output_mode "tf_idf"."""
        self.lookup.set_vocabulary(vocabulary, idf_weights)

    def get_vocabulary(self, include_special_tokens=True):
        """The words by id."""
        return self.lookup.get_vocabulary(include_special_tokens)

    def vocabulary_size(self):
        """How many words there are, "" and the one for unknown words included."""
        return self.lookup.vocabulary_size()

    def call(self, texts):
        numbers = self.lookup.call(self.words(texts))
        if self.lookup.output_mode != "int":
            return numbers
        if self.ragged:
            return [row[: self.length] for row in numbers] if isinstance(numbers, list) else numbers[..., : self.length]
        if isinstance(numbers, list):
            length = max(map(len, numbers), default=0) if self.length is None else self.length
            return np.array([fitted(row, length) for row in numbers], np.int64).reshape(len(numbers), length)
        return numbers if self.length is None or not numbers.ndim else fitted(numbers, self.length)

    def backward(self, dy):
        if dy is not None:
            raise TypeError("TextVectorization has no way back: text has no gradient")

    def compute_output_shape(self, input_shape):
        shape = tuple(input_shape)
        if self.lookup.output_mode == "int":
            return (shape[0], self.length)
        if self.split is None:
            return self.lookup.compute_output_shape(shape if len(shape) > 1 else (*shape, 1))
        return self.lookup.compute_output_shape((*shape, None))


def fitted(ids, length):
    """ids (..., T) cut or padded with 0 to (..., length)."""
    ids = ids[..., :length]
    return np.pad(ids, [(0, 0)] * (ids.ndim - 1) + [(0, length - ids.shape[-1])])


def is_row(words):
    return isinstance(words, np.ndarray) and words.ndim == 1


def mapped(function, words):
    """The function applied to every word."""
    if isinstance(words, list):
        return [mapped(function, row) for row in words]
    done = np.empty(words.shape, dtype=object)
    done[...] = np.array([function(word) for word in words.ravel()], dtype=object).reshape(words.shape)
    return done


def one_of(kind, name, value, choices):
    """`value` if it is None, a function or one of the choices."""
    return value if value is None or callable(value) else arguments.choice(kind, name, value, choices)
