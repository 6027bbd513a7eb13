"""What a logger does when it is called: follow whatever set-up is in force, and say nothing at little cost."""

import logging
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

import structlog
from structlog.typing import EventDict, Processor

from daemon.logs.shortcut import Shortcut

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}

_Filtering: Any = structlog.make_filtering_bound_logger(logging.NOTSET)


class Output(Protocol):
    """Takes finished lines."""

    def write(self, line: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Named:
    """What the chain is told of who speaks."""

    name: str = "daemon"


@dataclass(frozen=True, slots=True)
class Setup:
    """How things are logged, from one `configure` to the next.

    Attributes:
        level: The least grave that is said.
        processors: The chain; the list that structlog knows, so that a test may put something else into it.
        renderer: The chain's last.
        shortcut: For events that need no chain; None where every one does.
        output: Where lines go.
    """

    level: int
    processors: list[Processor]
    renderer: Processor
    shortcut: Shortcut | None
    output: Output

    def say(self, name: str, method: str, event: object, fields: dict[str, Any]) -> None:
        """Make an event a line the shortest way, and hand it over."""
        if self.shortcut is not None and self.processors[-1] is self.renderer:
            line = self.shortcut.line(name, method, event, fields)
            if line is not None:
                self.output.write(line)
                return
        self.process(Named(name), method, {**fields, "event": event})

    def process(self, speaker: Named, method: str, event: EventDict) -> None:
        """Send an event down the chain."""
        try:
            for process in self.processors:
                event = cast("EventDict", process(speaker, method, event))
        except structlog.DropEvent:
            return
        self.output.write(cast("str", event))


class Voice(_Filtering):  # type: ignore[misc]  # structlog makes its loggers' classes, so that mypy knows none
    """What structlog's `get_logger` gives, once it is used.

    It is made once for each logger, and looks at each call which set-up is in force: a logger that a module keeps
    follows a later one.
    """

    setup: ClassVar[Setup | None] = None
    """In force now; None before `configure` and after `reset`."""

    def debug(self, event: str, *args: object, **fields: Any) -> None:  # noqa: ANN401  whatever is to be logged
        """Say it, if anything so small is said."""
        setup = Voice.setup
        if args or setup is None or self._context:
            super().debug(event, *args, **fields)
        elif setup.level <= logging.DEBUG:
            setup.say(self._logger.name, "debug", event, fields)

    def info(self, event: str, *args: object, **fields: Any) -> None:  # noqa: ANN401  likewise
        """Say what happened."""
        setup = Voice.setup
        if args or setup is None or self._context:
            super().info(event, *args, **fields)
        elif setup.level <= logging.INFO:
            setup.say(self._logger.name, "info", event, fields)

    def _proxy_to_logger(self, method_name: str, event: str | None = None, **fields: Any) -> None:  # noqa: ANN401  likewise
        """Say anything else: what all of structlog's methods come down to."""
        setup = Voice.setup
        if setup is None:
            unset = structlog.get_logger(self._logger.name)
            getattr(unset, method_name)(event, **{**self._context, **fields})
        elif setup.level <= LEVELS[method_name]:
            setup.say(self._logger.name, method_name, event, {**self._context, **fields})
