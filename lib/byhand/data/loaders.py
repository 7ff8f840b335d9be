"""One loader a data set. Every call returns fresh arrays, so a chapter may write into them."""

from pathlib import Path

import numpy as np

from .convert import VOWEL_STEP

HERE = Path(__file__).parent
WEEK = (20, 22, 24, 25, 28, 27, 26)
PHOTOS = ("temple", "flower")
GREY = np.array([0.299, 0.587, 0.114], "float32")


def load_digits():
    """Handwritten digits 0 to 9.

    Returns (images, labels): images (1797, 8, 8) float32 from 0 (paper) to 1 (ink); labels (1797,) int64.
    Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, by way of scikit-learn. CC BY 4.0.
    """
    arrays = read("digits")
    return arrays["images"].astype("float32") / 16, arrays["labels"].astype("int64")


def load_photo(name="temple", *, colour=False):
    """A photo: "temple" (a palace tower: straight edges) or "flower" (a dahlia: round shapes, smooth ground).

    Returns (128, 192) float32 greys, or (128, 192, 3) float32 red, green, blue if colour; 0 is black, 1 is white.
    Raises ValueError for another name.
    Source: photos by danielbuechele (temple) and vultilion (flower), Flickr, by way of scikit-learn. CC BY 2.0; made
    smaller.
    """
    if name not in PHOTOS:
        raise ValueError(f"photos are {', '.join(map(repr, PHOTOS))}; got {name!r}")
    image = read(name)["image"].astype("float32") / 255
    return image if colour else image @ GREY


def load_temperatures(which="week"):
    """Temperatures in degrees Celsius, one a day: "week" or "seattle".

    Returns (7,) float32 for "week", the invented week 20 22 24 25 28 27 26; (1461,) float32 for "seattle", the highest
    temperature of every day from 2012-01-01 to 2015-12-31.
    Raises ValueError for another name.
    Source of "seattle": NOAA, by way of vega_datasets. Public domain.
    """
    if which == "week":
        return np.array(WEEK, "float32")
    if which == "seattle":
        return read("seattle")["tenths"].astype("float32") / 10
    raise ValueError(f"temperatures are 'week' or 'seattle'; got {which!r}")


def load_vowels(part="train"):
    """Nine speakers saying two Japanese vowels in a row: 12 numbers a moment that describe the sound.

    Returns (utterances, speakers): a list of 270 ("train") or 370 ("test") arrays (T, 12) float32 with T from 7 to 29;
    speakers (270,) or (370,) int64 from 0 to 8. The numbers are rounded to steps of 0.005.
    Raises ValueError for another part.
    Source: Kudo, Toyama and Shimbo, Japanese Vowels, UCI, by way of aeon. CC BY 4.0.
    """
    if part not in ("train", "test"):
        raise ValueError(f"parts are 'train' and 'test'; got {part!r}")
    arrays = read("vowels")
    joined = arrays[f"{part}_steps"].astype("float32") * np.float32(VOWEL_STEP)
    ends = np.cumsum(arrays[f"{part}_lengths"].astype(int))[:-1]
    return [u.copy() for u in np.split(joined, ends)], arrays[f"{part}_speakers"].astype("int64") - 1


def load_heartbeat():
    """A piece of an electrocardiogram: sharp spikes on a slow wave.

    Returns (1024,) float32, in the recorder's own units, from -112 to 250.
    Source: the example signal of PyWavelets. MIT.
    """
    return read("heartbeat")["ecg"].astype("float32")


def read(name):
    """The arrays of one file, by name."""
    with np.load(HERE / f"{name}.npz") as arrays:
        return dict(arrays)
