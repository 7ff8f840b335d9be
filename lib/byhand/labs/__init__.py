"""Live labs: the reader's own photo or series through a layer. They need a kernel; nothing leaves its machine."""

from .photo import PhotoLab
from .series import SeriesLab

__all__ = ["PhotoLab", "SeriesLab"]
