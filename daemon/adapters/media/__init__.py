"""The media host, by aiohttp: a recording's content as a stream whose end is known to be its end."""

from daemon.adapters.media.body import PIECE, Limits
from daemon.adapters.media.media import Media, Place
from daemon.adapters.media.reading import LARGEST_ERROR, LARGEST_RECORDING

__all__ = ["LARGEST_ERROR", "LARGEST_RECORDING", "PIECE", "Limits", "Media", "Place"]
