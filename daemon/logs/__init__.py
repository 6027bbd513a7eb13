"""Logs: set up once, for our own loggers and for every library's.

Whatever speaks ends as one line on one stream, and no secret is in it:

    our loggers (structlog) ─┐
                             ├─▶ context ▶ time ▶ traceback ▶ plain values ▶ REDACTION ▶ one line
    logging, warnings ───────┘

`hide` tells the redaction a live secret; patterns catch those nobody told it of. What is plain and has nothing to
hide takes a `shortcut` to the same line; and where a daemon must not wait for its reader, lines do, in an `outbox`.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger

from daemon.logs import chain, rendering
from daemon.logs.bridge import TALKATIVE, Bridge, quiet
from daemon.logs.known import hide
from daemon.logs.outbox import Outbox
from daemon.logs.shortcut import Shortcut
from daemon.logs.sink import Sink
from daemon.logs.voice import LEVELS, Named, Setup, Voice

__all__ = ["configure", "get_logger", "hide", "reset"]


def configure(
    *,
    level: str,
    format: str,  # noqa: A002  the configuration's word
    stream: TextIO,
    environ: Mapping[str, str],
    queued: bool = False,
) -> None:
    """Send all logs of this process, its libraries' and its warnings too, to one stream.

    Where `stream` is `sys.stdout` or `sys.stderr`, whatever that name means when a line is written is used:
    a progress display may put itself in between. Calling it again replaces the earlier set-up.

    Args:
        level: "debug", "info", "warning" or "error". Libraries speak from "warning" on, and in
            debug from "debug"; those that would dump frames and requests never say less than "info".
        format: "json", "console" or "auto", as design section 4 says.
        stream: Where the lines go.
        environ: Looked at for JOURNAL_STREAM, NO_COLOR and TERM.
        queued: A thread writes, and no caller ever waits for whoever reads: for the daemon. Otherwise a line is
            written when the call returns.
    """
    sink = Sink(_current(stream))
    output = _queue(sink) if queued else sink
    renderer = rendering.renderer(format, stream, environ)
    shortcut = Shortcut(with_priority=renderer.with_priority) if isinstance(renderer, rendering.Json) else None
    setup = Setup(LEVELS[level], [*chain.PROCESSORS, renderer], renderer, shortcut, output)
    _close(unless=output)
    Voice.setup = setup
    structlog.configure(
        processors=setup.processors,
        wrapper_class=Voice,
        logger_factory=Named,
        # A logger that exists already, and is kept, follows a later set-up all the same: that is Voice's doing.
        cache_logger_on_first_use=True,
    )
    _unhook()
    root = logging.getLogger()
    root.addHandler(Bridge(setup))
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
    _close()
    _unhook()
    structlog.reset_defaults()
    Voice.setup = None


def _unhook() -> None:
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, Bridge)]:
        root.removeHandler(handler)
    logging.captureWarnings(capture=False)
    root.setLevel(logging.WARNING)
    for name in ("daemon", *TALKATIVE):
        logging.getLogger(name).setLevel(logging.NOTSET)
    sys.excepthook = sys.__excepthook__
    if threading.excepthook is _thread_crashed:
        threading.excepthook = threading.__excepthook__
    if sys.unraisablehook is _ignored:
        sys.unraisablehook = sys.__unraisablehook__


def _queue(sink: Sink) -> Outbox:
    """Give the queue there is, which may have lines in it that nobody reads yet, or a new one."""
    output = _outbox() or Outbox(sink, _dropped)
    output.sink = sink
    return output


def _close(*, unless: object = None) -> None:
    if (output := _outbox()) is not None and output is not unless:
        output.close()


def _outbox() -> Outbox | None:
    return Voice.setup.output if Voice.setup is not None and isinstance(Voice.setup.output, Outbox) else None


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


def _dropped(lines: int) -> None:
    """Tell of lines that came while too many waited, or that could not be written."""
    log.error("log.dropped", lines=lines)


def _forked() -> None:
    if (output := _outbox()) is not None:
        output.forked()


os.register_at_fork(after_in_child=_forked)


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
