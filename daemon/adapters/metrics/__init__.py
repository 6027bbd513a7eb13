"""Figures for Prometheus: base units, no ids in labels. Names are a contract with dashboards and alerts."""

from daemon.adapters.metrics.metrics import Metrics

__all__ = ["Metrics"]
