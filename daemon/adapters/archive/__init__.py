"""The archive: a directory of recordings, each with its sidecar."""

from daemon.adapters.archive.archive import Archive

__all__ = ["Archive"]
