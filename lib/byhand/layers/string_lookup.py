"""From words to numbers: StringLookup gives every word of a vocabulary its place in it.

Source: https://keras.io/api/layers/preprocessing_layers/categorical/string_lookup/
"""

import math
from collections import Counter

import numpy as np

from . import arguments
from .base import Layer

MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}  # older names


class StringLookup(Layer):
    """words (...) -> their ids (...), or for other output modes numbers over the whole vocabulary (..., V).

    The vocabulary is given or learned by `adapt`: most frequent word first, equally frequent ones in reverse order of
    the alphabet. Before it stand mask_token (id 0, output_mode "int" only) and one place for unknown words
    (num_oov_indices=1); max_tokens counts both. With num_oov_indices=0 an unknown word is an error.
    output_mode: "int" ids; "one_hot" a row for each word; "multi_hot", "count" one row for all words along the last
    axis: whether, or how often, each occurs; "tf_idf" counts times idf_weights, idf = log(1 + N / (1 + n)) for a word
    in n of the N documents seen by adapt (the mean of all idf for unknown words). Words equal to mask_token count
    nowhere. pad_to_max_tokens: V is max_tokens. invert: ids -> words.
    Words come as str, arrays or lists; rows of different lengths give a list of arrays, or for counts an array (B, V).
    Numbers have no gradient with respect to words: backward refuses.
    ValueError for several places for unknown words (Keras hashes them), sparse output, vocabularies that repeat.
    """

    takes_words = True

    def __init__(self, max_tokens=None, num_oov_indices=1, mask_token=None, oov_token="[UNK]", vocabulary=None,
                 idf_weights=None, invert=False, output_mode="int", pad_to_max_tokens=False, sparse=False,
                 encoding="utf-8", name=None, salt=None, **options):  # fmt: skip
        super().__init__(name=name, **options)
        kind = type(self).__name__
        self.refuse("rows are plain arrays", sparse=sparse)
        self.refuse("there is one place for unknown words, so nothing is hashed", salt=salt)
        self.refuse("text is UTF-8", encoding=encoding if encoding.lower() not in ("utf-8", "utf8") else None)
        self.max_tokens = None if max_tokens is None else arguments.whole(kind, "max_tokens", max_tokens, least=2)
        self.num_oov_indices = arguments.whole(kind, "num_oov_indices", num_oov_indices, least=0)
        if self.num_oov_indices > 1:
            self.refuse("Keras spreads unknown words by a hash function; use 0 or 1", num_oov_indices=num_oov_indices)
        choices = ("int", "one_hot", "multi_hot", "count", "tf_idf")
        self.output_mode = arguments.choice(kind, "output_mode", MODES.get(output_mode, output_mode), choices)
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, invert
        self.pad_to_max_tokens = pad_to_max_tokens
        if pad_to_max_tokens and max_tokens is None:
            raise ValueError(f"{kind}: pad_to_max_tokens needs max_tokens")
        if invert and (self.output_mode != "int" or oov_token is None):
            raise ValueError(f"{kind}: invert needs output_mode='int' and an oov_token")
        self.tokens, self.places, self.idf, self.fixed = [], {}, None, vocabulary is not None
        if vocabulary is not None or idf_weights is not None:
            self.set_vocabulary([] if vocabulary is None else vocabulary, idf_weights)

    # --- the vocabulary -------------------------------------------------------------------------------------------

    @property
    def special_tokens(self):
        """What stands before the words: the mask token, then the one for unknown words."""
        masked = self.mask_token is not None and self.output_mode == "int"
        return [self.mask_token] * masked + [self.oov_token] * self.num_oov_indices

    def adapt(self, data, steps=None):
        """Learn the vocabulary anew. data: a list or array, each row a document; or an iterable of such batches."""
        if self.fixed:
            raise ValueError(f"{type(self).__name__} has a fixed vocabulary; adapt is for layers without one")
        batches = self.batches(data, steps)
        words = Counter(word for rows in batches for row in rows for word in row)
        if not words:
            return
        documents = Counter(word for rows in batches for row in rows for word in set(row))
        known = [word for word in words if word not in (self.mask_token, self.oov_token)]
        known.sort(key=lambda word: (words[word], word), reverse=True)
        known = known[: self.max_tokens and self.max_tokens - len(self.special_tokens)]
        if not known:
            raise ValueError(f"{type(self).__name__}: besides {self.special_tokens} no word is left for the vocabulary")
        self.learn(known)
        if self.output_mode == "tf_idf":
            N, n = sum(map(len, batches)), np.array([documents[word] for word in self.tokens])
            idf = np.log(1 + N / (1 + n)).astype(np.float32)
            self.keep_idf(np.concatenate([[idf.mean()] * len(self.special_tokens), idf]))

    def batches(self, data, steps=None):
        """[[row, ...], ...]: rows of words for every batch. Words side by side are a row each, in a batch one row."""
        if isinstance(data, str):
            raise ValueError(f"{type(self).__name__}: adapt takes a list of texts; got the text {data[:40]!r}")
        if isinstance(data, list | tuple | np.ndarray):
            words = as_words(type(self).__name__, data)
            return [[[word] for word in words]] if isinstance(words, np.ndarray) and words.ndim == 1 else [rows(words)]
        return [rows(as_words(type(self).__name__, batch)) for _, batch in zip(range(steps or 2**63 - 1), data)]

    def set_vocabulary(self, vocabulary, idf_weights=None):
        """Take these words, which may begin with the special tokens; idf_weights: one number each, for "tf_idf"."""
        kind = type(self).__name__
        if (idf_weights is not None) != (self.output_mode == "tf_idf"):
            raise ValueError(f"{kind}: idf_weights belong to output_mode 'tf_idf', and it needs them with a vocabulary")
        if isinstance(vocabulary, str):
            raise ValueError(f"{kind}: vocabulary is a list of words; read them from the file {vocabulary!r} first")
        words = as_words(kind, vocabulary)
        if not isinstance(words, np.ndarray) or words.ndim != 1 or not len(words):
            raise ValueError(f"{kind}: vocabulary is a list of words, at least one; got {vocabulary!r}")
        words, special = words.tolist(), self.special_tokens
        complete = words[: len(special)] == special
        tokens = words[len(special) :] if complete else words
        if repeated := [word for word, count in Counter(tokens).items() if count > 1]:
            raise ValueError(f"{kind}: vocabulary repeats {repeated}")
        for token in [self.mask_token] + [self.oov_token] * self.invert:
            if token is not None and token in tokens:
                raise ValueError(f"{kind}: {token!r} stands at the start of the vocabulary {special}, or not at all")
        if self.max_tokens and len(special) + len(tokens) > self.max_tokens:
            raise ValueError(
                f"{kind}: {len(special) + len(tokens)} words, special ones included, are more than max_tokens "
                f"{self.max_tokens}"
            )
        if idf_weights is not None and np.shape(idf_weights) != (len(words),):
            raise ValueError(f"{kind}: idf_weights are {len(words)} numbers; got shape {np.shape(idf_weights)}")
        self.learn(tokens)
        if idf_weights is not None:
            front = [] if complete else [np.mean(idf_weights)] * len(special)
            self.keep_idf(np.concatenate([front, idf_weights]))

    def learn(self, tokens):
        first = len(self.special_tokens)
        if self.tokens and len(tokens) != len(self.tokens) and self.output_mode != "int" and not self.pad_to_max_tokens:
            raise ValueError(
                f"{type(self).__name__}: the rows have length {self.vocabulary_size()}, and layers may be built on it; "
                f"a vocabulary of {first + len(tokens)} words needs a new layer, or pad_to_max_tokens"
            )
        self.tokens, self.places = tokens, {word: first + i for i, word in enumerate(tokens)}

    def keep_idf(self, idf):
        self.idf = np.zeros(self.depth(), np.float32)
        self.idf[: len(idf)] = idf

    def get_vocabulary(self, include_special_tokens=True):
        """The words by id."""
        return [*(self.special_tokens if include_special_tokens else []), *self.tokens]

    def vocabulary_size(self):
        """How many words there are, special ones included."""
        return len(self.special_tokens) + len(self.tokens)

    def depth(self):
        return self.max_tokens if self.pad_to_max_tokens else self.vocabulary_size()

    # --- forward --------------------------------------------------------------------------------------------------

    def cast(self, inputs):
        if not self.invert:
            return as_words(type(self).__name__, inputs)
        ids = np.asarray(inputs)
        if ids.dtype.kind not in "iu":
            raise ValueError(f"{type(self).__name__}: invert takes ids, whole numbers; got {ids.dtype}")
        return ids

    def build(self, input_shape):
        """Nothing to create: the vocabulary comes from `adapt`."""

    def call(self, words):
        if not self.tokens:
            raise ValueError(f"{type(self).__name__} has no vocabulary yet: call adapt or set_vocabulary first")
        if self.invert:
            return self.words_of(words)
        ids = [self.ids_of(row) for row in words] if isinstance(words, list) else self.ids_of(words)
        return ids if self.output_mode == "int" else self.encode(ids)

    def ids_of(self, words):
        """The id of every word; -1, which counts nowhere, for a mask outside the mode "int"."""
        unknown, masked = (None, -1) if not self.num_oov_indices else (len(self.special_tokens) - 1, -1)
        places = {**self.places}
        if self.mask_token is not None:
            places[self.mask_token] = 0 if self.output_mode == "int" else masked
        ids = [places.get(word, unknown) for word in words.ravel()]
        if None in ids:
            lost = words.ravel()[ids.index(None)]
            raise ValueError(
                f"{type(self).__name__}: {lost!r} is not in the vocabulary, and with num_oov_indices=0 there is no "
                "place for unknown words"
            )
        return np.array(ids, np.int64).reshape(words.shape)

    def words_of(self, ids):
        by_id = self.get_vocabulary()
        words = [by_id[i] if 0 <= i < len(by_id) else self.oov_token for i in ids.ravel()]
        return np.array(words, dtype=str).reshape(ids.shape)

    def encode(self, ids):
        """ids (..., n) as rows over the vocabulary."""
        every = np.arange(self.depth())
        if self.output_mode == "one_hot":
            if isinstance(ids, list):
                return [self.encode(row) for row in ids]
            ids = ids[..., 0] if ids.ndim > 1 and ids.shape[-1] == 1 else np.atleast_1d(ids)
            return (ids[..., None] == every).astype(np.int64)
        if isinstance(ids, np.ndarray) and ids.ndim > 2:
            raise ValueError(f"{type(self).__name__}: {self.output_mode} takes (words,) or (batch, words)")
        documents = [ids] if isinstance(ids, np.ndarray) and ids.ndim < 2 else ids
        counts = [np.bincount(row[row >= 0], minlength=len(every)) for row in map(np.ravel, documents)]
        y = np.array(counts, np.int64).reshape(-1, len(every))
        y = np.minimum(y, 1) if self.output_mode == "multi_hot" else y
        y = y.astype(np.float32) * self.idf if self.output_mode == "tf_idf" else y
        return y[0] if documents is not ids else y

    def backward(self, dy):
        if dy is not None:
            raise TypeError(f"{type(self).__name__} has no way back: words have no gradient")

    def compute_output_shape(self, input_shape):
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1):
            return (*shape, self.depth())
        return (*shape[:-1], self.depth())


def as_words(kind, inputs):
    """Text as an array of str; rows of different lengths as a list of arrays. ValueError for anything else."""
    words = np.array(inputs, dtype=object)
    if words.ndim == 1 and any(isinstance(row, list | tuple | np.ndarray) for row in words):
        parts = [as_words(kind, row) for row in words]
        if all(isinstance(part, np.ndarray) and part.ndim == 1 for part in parts):
            return parts
        raise ValueError(f"{kind}: only the last axis may have rows of different lengths")
    flat = [word.decode() if isinstance(word, bytes) else word for word in words.ravel()]
    if wrong := [word for word in flat if not isinstance(word, str)]:
        raise ValueError(f"{kind} takes text; got {wrong[0]!r} of type {type(wrong[0]).__name__}")
    words = np.empty(words.shape, dtype=object)
    words[...] = np.array(flat, dtype=object).reshape(words.shape)
    return words


def rows(words):
    """Words as a list of rows: every axis but the last counts rows, a single word or row is one."""
    if isinstance(words, list):
        return words
    return [words.ravel()] if words.ndim < 2 else list(words.reshape(math.prod(words.shape[:-1]), words.shape[-1]))
