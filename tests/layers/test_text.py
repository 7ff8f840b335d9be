"""StringLookup and TextVectorization: the same vocabulary, ids and counts as Keras, exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import keras_twin, tensorflow

from .against import keras_refuses

MODES = ["int", "one_hot", "multi_hot", "count", "tf_idf"]
WORD = st.one_of(st.sampled_from(["", "a", "b", "ab", "B", "[UNK]", "猫", "é"]), st.text("abcxyz我爱", max_size=3))
ROWS = st.lists(st.lists(WORD, min_size=1, max_size=5), min_size=1, max_size=4)
TEXT = st.one_of(
    st.lists(WORD, max_size=6).map(" ".join),
    st.text("aAbÉé我爱 \t\n\v\u3000\xa0.,!?'-_。[]\\", max_size=12),
    st.sampled_from(["", "The cat. The CAT!", "Don't stop", "我爱自然语言处理。", "  two  blanks ", "a_b-c", "ß Ä"]),
)
TEXTS = st.lists(TEXT, min_size=1, max_size=5)


def tensor(rows):
    """Rows as the tensor Keras takes for them, ragged if it must be."""
    if len({len(row) for row in rows}) == 1:
        return tensorflow().constant(rows)
    return tensorflow().ragged.constant(rows, dtype="string", ragged_rank=1)


def plain(y):
    """What a Keras layer gave, as nested lists of numbers or str."""
    values = y.to_list() if hasattr(y, "to_list") else y.numpy().tolist()
    return decoded(values)


def decoded(value):
    if isinstance(value, list):
        return [decoded(v) for v in value]
    return value.decode() if isinstance(value, bytes) else value


def listed(y):
    return [listed(part) for part in y] if isinstance(y, list) else y.tolist()


def pair(kind, **arguments):
    return getattr(layers, kind)(**arguments), keras_twin(getattr(layers, kind), **arguments)


def assert_same(ours, theirs):
    """Exactly the same, but for the last digit of an idf."""
    assert (listed(ours) == plain(theirs)) or (
        ours.dtype == np.float32 and np.allclose(ours, theirs.numpy(), rtol=1e-6, atol=0) and ours.shape == theirs.shape
    )


def learned(layer, twin, data, theirs):
    """Whether both could learn from the data. Keras fails for special words alone, and for no word with "tf_idf"."""
    try:
        twin.adapt(theirs)
    except AttributeError:
        layer.adapt(data)
        assert not layer.get_vocabulary(False)
        return False
    except tensorflow().errors.InvalidArgumentError:
        with pytest.raises(ValueError, match="no word is left"):
            layer.adapt(data)
        return False
    layer.adapt(data)
    return bool(twin.get_vocabulary(include_special_tokens=False))


@given(data=ROWS, asked=ROWS, mode=st.sampled_from(MODES), mask=st.sampled_from([None, "", "a"]),
       most=st.sampled_from([None, 3, 6]), pad=st.booleans(), unknown=st.sampled_from([1, 1, 0]))  # fmt: skip
def test_lookup_learns_and_encodes_like_keras(data, asked, mode, mask, most, pad, unknown):
    arguments = dict(output_mode=mode, mask_token=mask, max_tokens=most, pad_to_max_tokens=pad and most is not None,
                     num_oov_indices=unknown)  # fmt: skip
    layer, twin = pair("StringLookup", **arguments)
    if not learned(layer, twin, data, tensor(data)):
        return
    assert layer.get_vocabulary() == twin.get_vocabulary() and layer.vocabulary_size() == twin.vocabulary_size()
    assert layer.get_vocabulary(False) == twin.get_vocabulary(include_special_tokens=False)
    try:
        theirs = twin(tensor(asked))
    except tensorflow().errors.InvalidArgumentError:
        with pytest.raises(ValueError, match="not in the vocabulary"):
            layer(asked)
        return
    ours = layer(asked)
    assert_same(ours, theirs)


@given(words=st.lists(WORD, min_size=1, max_size=6), mode=st.sampled_from(MODES), seed=st.integers(0, 99))
def test_lookup_of_a_given_vocabulary_in_every_shape(words, mode, seed):
    vocabulary = ["b", "猫", "a", "é"]
    idf = dict(idf_weights=[1.5, 2.0, 3.0, 0.25]) if mode == "tf_idf" else {}
    layer, twin = pair("StringLookup", vocabulary=vocabulary, output_mode=mode, **idf)
    rng = np.random.default_rng(seed)
    shapes = [(), (1,), (5,), (3, 1), (2, 3)] + [(2, 1, 3), (2, 2, 1)] * (mode in ("int", "one_hot"))
    for shape in shapes:
        x = rng.choice(words + vocabulary, shape)
        ours, theirs = layer(x), twin(np.asarray(x, object) if shape else tensorflow().constant(str(x)))
        assert_same(ours, theirs)
        assert ours.dtype == theirs.dtype.as_numpy_dtype
        if shape:
            assert layer.compute_output_shape(shape)[-1] == ours.shape[-1]


@given(ids=st.lists(st.integers(-2, 7), min_size=1), mask=st.sampled_from([None, ""]))
def test_inverse(ids, mask):
    layer, twin = pair("StringLookup", vocabulary=["x", "y", "猫"], invert=True, mask_token=mask)
    assert layer(ids).tolist() == plain(twin(np.array(ids)))
    forward = layers.StringLookup(vocabulary=["x", "y", "猫"], mask_token=mask)
    assert layer(forward(["猫", "x", "?"])).tolist() == ["猫", "x", "[UNK]"]


@given(texts=TEXTS, asked=TEXTS, mode=st.sampled_from(["int", "int", *MODES]), most=st.sampled_from([None, 4]),
       standardize=st.sampled_from(["lower_and_strip_punctuation", "lower", "strip_punctuation", None]),
       split=st.sampled_from(["whitespace", "character", None]), ngrams=st.sampled_from([None, None, 1, 2, (3, 1)]),
       length=st.sampled_from([None, 1, 3]), ragged=st.booleans(), column=st.booleans())  # fmt: skip
def test_vectorization_equals_keras(texts, asked, mode, most, standardize, split, ngrams, length, ragged, column):
    arguments = dict(output_mode=mode, max_tokens=most, standardize=standardize, split=split, ngrams=ngrams)
    if mode == "int":
        arguments |= dict(output_sequence_length=length, ragged=ragged and split is not None)
    layer, twin = pair("TextVectorization", **arguments)
    if not learned(layer, twin, texts, texts):
        return
    assert layer.get_vocabulary() == twin.get_vocabulary()
    asked = [[text] for text in asked] if column else asked
    theirs = twin(tensorflow().constant(asked))
    assert_same(layer(asked), theirs)
    if split is not None:
        one = asked[0][0] if column else asked[0]
        if mode == "int" and length and not ragged and not len(layer.words(layer.cast(one))):
            assert layer(one).tolist() == [0] * length  # Keras cannot pad a single text without words
        else:
            assert_same(layer(one), twin(tensorflow().constant(one)))


@given(rows=ROWS, mode=st.sampled_from(["int", "count"]), length=st.sampled_from([None, 2, 9]))
def test_words_split_beforehand(rows, mode, length):
    width = min(map(len, rows))
    rows = [row[:width] for row in rows]
    arguments = dict(output_mode=mode, split=None, output_sequence_length=length if mode == "int" else None)
    layer, twin = pair("TextVectorization", **arguments)
    if learned(layer, twin, rows, rows):
        assert_same(layer(rows), twin(tensorflow().constant(rows)))


def test_the_examples_of_the_book():
    lookup = layers.StringLookup()
    lookup.adapt(["dog", "cat", "bird", "dog", "cat"])
    assert lookup.get_vocabulary() == ["[UNK]", "dog", "cat", "bird"]
    lookup.adapt(["a", "b", "c"])
    assert lookup.get_vocabulary() == ["[UNK]", "c", "b", "a"], "equally frequent: the alphabet backwards"
    assert [row.tolist() for row in lookup([["a"], ["b", "?"]])] == [[3], [2, 0]]
    counted = layers.StringLookup(vocabulary=["cat", "dog", "bird"], output_mode="multi_hot")
    assert counted(["cat", "dog"]).tolist() == [0, 1, 1, 0]
    chinese = layers.TextVectorization(split="character")
    chinese.adapt(["我爱猫", "我爱狗"])
    assert chinese.get_vocabulary()[2:4] == ["爱", "我"] and chinese(["猫我?"]).tolist() == [[4, 3]]
    assert layers.TextVectorization(vocabulary=["dont"])(["Don't"]).tolist() == [[2]]


def test_functions_of_ones_own():
    layer = layers.TextVectorization(
        standardize=np.char.swapcase, split=lambda texts: [text.split("-") for text in texts], vocabulary=["A", "b"]
    )
    assert layer(["a-B", "x"]).tolist() == [[2, 3], [1, 0]]


def test_batches_and_their_documents():
    batches = [[["a", "b"], ["b", "c"]], [["b"], ["q"]]]
    layer, twin = pair("StringLookup", output_mode="tf_idf")
    layer.adapt(iter(batches))
    twin.adapt(iter(batches))
    assert layer.get_vocabulary() == twin.get_vocabulary()
    assert np.allclose(layer.idf, twin.idf_weights, rtol=1e-7)
    layer, twin = pair("TextVectorization")
    layer.adapt(iter([["one two", "two"], ["three"]]), steps=1)
    twin.adapt(iter([["one two", "two"], ["three"]]), steps=1)
    assert layer.get_vocabulary() == twin.get_vocabulary() == ["", "[UNK]", "two", "one"]
    assert layer([]).shape == (0, 0) and layer([""]).shape == (1, 0)


def test_bytes_and_text_in_a_network_of_layers():
    lookup = layers.StringLookup(vocabulary=["猫"])
    assert lookup(["猫".encode(), "狗"]).tolist() == [1, 0]
    table = layers.Embedding(lookup.vocabulary_size(), 2)
    assert table(lookup(["猫"])).shape == (1, 2)
    assert lookup.backward(table.backward(np.ones((1, 2)))) is None
    for layer in (lookup, layers.TextVectorization(vocabulary=["x"])):
        with pytest.raises(TypeError, match="has no way back"):
            layer.backward(np.ones(1))


BAD = [
    ("StringLookup", dict(max_tokens=1), "max_tokens"),
    ("StringLookup", dict(num_oov_indices=-1), "num_oov_indices"),
    ("StringLookup", dict(output_mode="hot"), "output_mode"),
    ("StringLookup", dict(output_mode="count", invert=True), "invert"),
    ("StringLookup", dict(pad_to_max_tokens=True), "pad_to_max_tokens"),
    ("StringLookup", dict(vocabulary=["a", "a"]), r"repeats \['a'\]"),
    ("StringLookup", dict(vocabulary=["a", ""], mask_token=""), "stands at the start"),
    ("StringLookup", dict(vocabulary=["a", "[UNK]"], invert=True), "stands at the start"),
    ("StringLookup", dict(vocabulary=[]), "at least one"),
    ("StringLookup", dict(vocabulary=["a", "b"], max_tokens=2), "max_tokens"),
    ("StringLookup", dict(vocabulary=["a"], output_mode="tf_idf"), "idf_weights"),
    ("StringLookup", dict(vocabulary=["a"], idf_weights=[1.0]), "idf_weights"),
    ("StringLookup", dict(vocabulary=["a"], idf_weights=[1.0, 2.0], output_mode="tf_idf"), "1 numbers"),
    ("TextVectorization", dict(standardize="upper"), "standardize"),
    ("TextVectorization", dict(split="words"), "split"),
    ("TextVectorization", dict(ngrams=2.5), "ngrams"),
    ("TextVectorization", dict(output_sequence_length=4, output_mode="count"), "output_sequence_length"),
    ("TextVectorization", dict(ragged=True, output_mode="count"), "ragged"),
    ("TextVectorization", dict(output_sequence_length="4"), "output_sequence_length"),
]


@pytest.mark.parametrize("kind, arguments, said", BAD)
def test_what_keras_refuses_is_refused(kind, arguments, said):
    assert keras_refuses(kind, **arguments)
    with pytest.raises(ValueError, match=f"{kind}.*{said}"):
        getattr(layers, kind)(**arguments)


@pytest.mark.parametrize("arguments", [dict(num_oov_indices=2), dict(salt=3), dict(sparse=True, output_mode="count"),
                                       dict(encoding="latin-1")])  # fmt: skip
def test_what_only_keras_does_is_refused_by_name(arguments):
    with pytest.raises(ValueError, match=f"StringLookup: {next(iter(arguments))}=.*not supported by hand"):
        layers.StringLookup(**arguments)


def test_other_refusals():
    with pytest.raises(ValueError, match="StringLookup takes text; got 3 of type int"):
        layers.StringLookup(vocabulary=["a"])([3])
    with pytest.raises(ValueError, match="whole numbers"):
        layers.StringLookup(vocabulary=["a"], invert=True)(["a"])
    for layer in (layers.StringLookup(), layers.TextVectorization()):
        with pytest.raises(ValueError, match="no vocabulary yet"):
            layer(["a"])
        with pytest.raises(ValueError, match="adapt takes a list of texts"):
            layer.adapt("a b")
    with pytest.raises(ValueError, match="fixed vocabulary"):
        layers.TextVectorization(vocabulary=["a"]).adapt(["b"])
    with pytest.raises(ValueError, match=r"texts \(batch,\) or \(batch, 1\)"):
        layers.TextVectorization(vocabulary=["a"])([["a", "b"]])
    with pytest.raises(ValueError, match="count takes"):
        layers.StringLookup(vocabulary=["a"], output_mode="count")([[["a"]]])
    counted = layers.StringLookup(output_mode="count")
    counted.adapt(["a"])
    with pytest.raises(ValueError, match="needs a new layer"):
        counted.adapt(["a", "b"])
