"""Pictures that come as bytes, from a page or a file: read by the engine's own reader, whatever they claim to be."""

from gateface import PictureRefused, read_picture

__all__ = ["PictureRefused", "read_picture"]
