"""The standard library's logging, and with it every dependency, led into our chain."""

import logging

from structlog.typing import EventDict

from daemon.logs.voice import Named, Setup

TALKATIVE = ("websockets", "urllib3", "requests", "http", "aiosqlite", "hpack", "asyncio")
"""Loggers whose debug lines are dumps of frames, requests or statements: they are held at INFO."""

_METHODS = {"WARNING": "warning", "ERROR": "error", "CRITICAL": "critical", "INFO": "info", "DEBUG": "debug"}


def quiet() -> None:
    """Hold the talkative back, whatever the level."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.INFO, logging.getLogger().level))


class Bridge(logging.Handler):
    """Turns each record into an event and sends it down the chain."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self._setup = setup

    def emit(self, record: logging.LogRecord) -> None:
        event: EventDict = {"event": _message(record), "_created": record.created}
        if record.exc_info and record.exc_info[0] is not None:
            event["exc_info"] = record.exc_info
        elif record.exc_text:
            event["exception"] = record.exc_text
        if record.stack_info:
            event["stack"] = record.stack_info
        method = _METHODS.get(record.levelname) or _nearest(record.levelno)
        self._setup.process(Named(record.name), method, event)


def _message(record: logging.LogRecord) -> object:
    """Fill in the arguments; where they do not fit, show both, for a log line must not raise."""
    try:
        return record.getMessage().rstrip()
    except Exception:  # noqa: BLE001  (a stranger's __str__ runs here and may raise anything)
        return record.msg


def _nearest(level: int) -> str:
    if level >= logging.CRITICAL:
        return "critical"
    for floor, name in ((logging.ERROR, "error"), (logging.WARNING, "warning"), (logging.INFO, "info")):
        if level >= floor:
            return name
    return "debug"
