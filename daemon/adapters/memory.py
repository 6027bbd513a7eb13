"""What the C library does with memory that is not in use any more."""

import ctypes

ARENAS = 2
_M_ARENA_MAX = -8


def few_arenas() -> None:
    """Have all threads share a few arenas, where the C library is glibc; to be called before there are threads.

    By itself glibc gives each thread an arena, up to eight for each core, and each of them keeps what its thread once
    needed: with some twenty threads, of which any may come to read a page of the call log, that was 150 MB of nothing
    after an hour. Source: mallopt(3), M_ARENA_MAX.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
