"""Picture files of every kind, and files that are none."""

import io

import numpy as np
import pytest
from PIL import Image

from byhand.labs import pictures
from byhand.labs.pictures import LONGEST, read_picture

RED = np.zeros((4, 6, 3), "uint8") + np.array([255, 0, 0], "uint8")


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_every_kind_is_read(kind):
    pixels, size = read_picture(saved(Image.fromarray(RED), kind))
    assert pixels.shape == (4, 6, 3) and pixels.dtype == np.float32 and size == (4, 6)
    np.testing.assert_allclose(pixels, RED / 255, atol=0.05)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_gives_brightness_from_0_to_1(mode):
    steps = np.tile(np.linspace(0, 255, 6).astype("uint8"), (4, 1))
    image = Image.fromarray(steps)
    if mode in ("I;16", "I", "F"):
        numbers = steps.astype("float32") * 257
        image = Image.fromarray(numbers.astype({"I;16": "uint16", "I": "int32", "F": "float32"}[mode]))
    else:
        image = image.convert(mode)
    pixels, _ = read_picture(saved(image, "TIFF"))
    assert pixels.shape == (4, 6, 3)
    assert pixels[:, 0].max() < 0.02 and pixels[:, -1].min() > 0.98


def test_what_is_transparent_is_white():
    pixels, _ = read_picture(saved(Image.new("RGBA", (3, 2), (0, 0, 0, 0))))
    assert (pixels == 1).all()


def test_a_photo_taken_upright_stands_upright():
    image = Image.fromarray(RED)
    turned = image.getexif()
    turned[0x0112] = 6
    pixels, size = read_picture(saved(image, "JPEG", exif=turned))
    assert pixels.shape == (6, 4, 3) and size == (6, 4)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_photo_is_made_smaller(kind):
    pixels, size = read_picture(saved(Image.new("RGB", (3000, 1500)), kind))
    assert pixels.shape == (LONGEST // 2, LONGEST, 3) and size == (1500, 3000)


def test_a_thin_picture_keeps_a_row():
    assert read_picture(saved(Image.new("L", (4000, 2))))[0].shape == (1, LONGEST, 3)


@pytest.mark.parametrize(
    "data, sentence",
    [
        (b"", "not a picture that can be read here. PNG, JPEG"),
        (b"day,temperature\n1,2\n", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (saved(Image.new("RGB", (400, 400)), "JPEG")[:700], "damaged"),
        (saved(Image.effect_noise((60, 60), 50))[:900], "damaged"),
    ],
    ids=["empty", "text", "svg", "half a JPEG", "half a PNG"],
)
def test_a_foreign_file_gets_a_sentence(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_picture(data)


def test_too_many_pixels_get_a_sentence(monkeypatch):
    data = saved(Image.new("L", (400, 300)))
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    with pytest.raises(ValueError, match="400 by 300 pixels, too many"):
        read_picture(data)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match="too many pixels"):
        read_picture(data)
