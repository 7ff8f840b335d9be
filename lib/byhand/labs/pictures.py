"""Bytes of a picture file -> an array that a layer takes."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

LONGEST = 256
MOST_PIXELS = 80_000_000
KINDS = "PNG, JPEG, GIF, BMP, WebP and TIFF"


def read_picture(data):
    """The picture, at most LONGEST pixels long, and its size in the file.

    data: bytes. Returns ((H, W, 3) float32 from 0 to 1, (height, width)). What is transparent becomes white; a moving
    picture gives its first frame. Raises ValueError, with a sentence for the reader, if it is none or too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return decoded(Image.open(io.BytesIO(data)))
    except Image.DecompressionBombError:
        raise ValueError("This picture has too many pixels to read here; save it smaller.") from None
    except Image.UnidentifiedImageError:
        raise ValueError(f"This file is not a picture that can be read here. {KINDS} can.") from None
    except TooLarge as problem:
        raise ValueError(str(problem)) from None
    except Exception:  # a damaged file fails in as many ways as there are formats
        raise ValueError("This file begins like a picture, but what follows is damaged.") from None


class TooLarge(Exception):
    """More pixels than fit into memory at ease."""


def decoded(image):
    width, height = image.size
    turned = image.getexif().get(0x0112, 1) > 4  # the camera was held upright
    image.draft("RGB", (2 * LONGEST, 2 * LONGEST))  # a JPEG is read smaller from the start
    if image.width * image.height > MOST_PIXELS:
        raise TooLarge(f"This picture has {width} by {height} pixels, too many to read here; save it smaller.")
    image = ImageOps.exif_transpose(deep(image).convert("RGBA"))
    image.thumbnail((LONGEST, LONGEST))
    white = Image.new("RGBA", image.size, "white")
    pixels = np.asarray(Image.alpha_composite(white, image).convert("RGB"), "float32") / 255
    return pixels, (width, height) if turned else (height, width)


def deep(image):
    """The image with 8 bits a channel: Pillow would cut off brighter pixels of 16 and 32 bits."""
    if image.mode[0] not in "IF":
        return image
    numbers = np.nan_to_num(np.asarray(image, "float32"))
    brightest = 65535 if image.mode.startswith("I;16") else max(numbers.max(), 1e-6)
    return Image.fromarray((numbers / brightest * 255).clip(0, 255).astype("uint8"))
