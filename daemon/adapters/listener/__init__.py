"""What the daemon tells over HTTP: figures for Prometheus, whether it is well, and a page for a person."""

from daemon.adapters.listener.listener import Listener
from daemon.adapters.listener.page import Page

__all__ = ["Listener", "Page"]
