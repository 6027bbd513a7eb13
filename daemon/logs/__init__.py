"""Logs: set up once, for our own loggers and for every library's.

Whatever speaks ends as one line on one stream, and no secret is in it:

    our loggers (structlog) ─┐
                             ├─▶ context ▶ time ▶ traceback ▶ plain values ▶ REDACTION ▶ one line
    logging, warnings ───────┘

`hide` tells the redaction a live secret; patterns catch those nobody told it of.
"""

import logging
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from daemon.logs import chain, rendering
from daemon.logs.bridge import TALKATIVE, Bridge, quiet
from daemon.logs.redaction import hide
from daemon.logs.sink import Sink

__all__ = ["configure", "get_logger", "hide", "reset"]

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure(*, level: str, format: str, stream: TextIO, environ: Mapping[str, str]) -> None:  # noqa: A002
    """Send all logs of this process, its libraries' and its warnings too, to one stream.

    Where `stream` is `sys.stdout` or `sys.stderr`, whatever that name means when a line is written is used:
    a progress display may put itself in between. Calling it again replaces the earlier set-up.

    Args:
        level: "debug", "info", "warning" or "error". Libraries speak from "warning" on, and in
            debug from "debug"; those that would dump frames and requests never say less than "info".
        format: "json", "console" or "auto", as design section 4 says.
        stream: Where the lines go.
        environ: Looked at for JOURNAL_STREAM, NO_COLOR and TERM.
    """
    reset()
    sink = Sink(_current(stream))
    processors: list[Processor] = [*chain.PROCESSORS, rendering.renderer(format, stream, environ)]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=sink.named,
        cache_logger_on_first_use=False,  # module-level loggers exist before their configuration does
    )
    bridge = Bridge(sink, processors)
    root = logging.getLogger()
    root.addHandler(bridge)
    root.setLevel(LEVELS[level] if level == "debug" else max(LEVELS[level], logging.WARNING))
    quiet()
    logging.getLogger("daemon").setLevel(LEVELS[level])
    logging.captureWarnings(capture=True)
    sys.excepthook = _crashed
    # A host with hooks of its own, such as pytest, keeps them.
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_crashed
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _ignored


def reset() -> None:
    """Undo `configure`; also for tests, which share a process."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, Bridge)]:
        root.removeHandler(handler)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    root.setLevel(logging.WARNING)
    for name in ("daemon", *TALKATIVE):
        logging.getLogger(name).setLevel(logging.NOTSET)
    sys.excepthook = sys.__excepthook__
    if threading.excepthook is _thread_crashed:
        threading.excepthook = threading.__excepthook__
    if sys.unraisablehook is _ignored:
        sys.unraisablehook = sys.__unraisablehook__


def get_logger(name: str) -> FilteringBoundLogger:
    """Give a logger; it may be made before `configure` is called."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


log = get_logger("daemon")


def _current(stream: TextIO) -> Callable[[], TextIO]:
    if stream is sys.stdout:
        return lambda: sys.stdout
    if stream is sys.stderr:
        return lambda: sys.stderr
    return lambda: stream


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Let the last words of a dying process pass the redaction too."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("service.crashed", exc_info=(kind, error, trace))


def _thread_crashed(args: threading.ExceptHookArgs) -> None:
    """Tell of a thread that an exception ended; the process goes on, perhaps without what the thread was for."""
    error = args.exc_value or args.exc_type()
    name = None if args.thread is None else args.thread.name
    log.error("thread.crashed", thread=name, exc_info=(args.exc_type, error, args.exc_traceback))


def _ignored(args: "sys.UnraisableHookArgs") -> None:
    """Tell of an exception that nobody could be given, in a finaliser for example."""
    error = args.exc_value or args.exc_type()
    log.warning("exception.ignored", where=repr(args.object), exc_info=(args.exc_type, error, args.exc_traceback))
