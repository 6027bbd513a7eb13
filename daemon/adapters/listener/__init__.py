"""What the daemon tells over HTTP: figures for Prometheus, and whether it is well."""

from daemon.adapters.listener.listener import Listener

__all__ = ["Listener"]
