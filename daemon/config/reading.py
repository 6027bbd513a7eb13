"""From text and environment to a checked Config, or to every problem at once."""

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from daemon.config import addresses, credentials, environment
from daemon.config.checking import check
from daemon.config.model import DERIVED, Config
from daemon.config.problems import Invalid, Problem

NOTHING: Mapping[str, str] = {}


def load(path: Path, environ: Mapping[str, str], *, secrets: bool = True) -> Config:
    """Read a configuration file, the environment and the secrets they name.

    Without `secrets` they are left empty: whoever only reads the ledger need not be able to read them.

    Raises:
        Invalid: Every problem there is.
    """
    name = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Invalid([Problem("", f"cannot be read: {error.strerror}", file=name)]) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise Invalid([Problem("", "is not UTF-8 text", file=name, line=line, column=column)]) from None
    return parse(text, name=name, environ=environ, secrets=secrets)


def parse(
    text: str, *, name: str = "config.toml", environ: Mapping[str, str] = NOTHING, secrets: bool = True
) -> Config:
    """Check a configuration's text completely.

    Relative paths, wherever they were written, start from the directory of the file called `name`.

    Raises:
        Invalid: Every problem there is, in the file's order, then the environment's.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        from daemon.config.positions import of_syntax_error  # noqa: PLC0415  most files have no mistake to be placed

        words, place = of_syntax_error(error, text)
        raise Invalid([Problem("", words, file=name, line=place.line, column=place.column)]) from None
    except RecursionError:
        raise Invalid([Problem("", "is nested too deeply", file=name)]) from None
    except ValueError:  # Python reads no number of thousands of digits
        raise Invalid([Problem("", "has a number that is far too long", file=name)]) from None
    return _Reading(document, text, name, environ).config(secrets=secrets)


class _Reading:
    """One file being checked; collects problems until the end."""

    def __init__(
        self,
        document: dict[str, Any],
        text: str,
        name: str,
        environ: Mapping[str, str],
    ) -> None:
        self.document = document
        self.text = text
        self.name = name
        self.environ = environ
        self.base = Path(name).parent
        self.above, self.problems = environment.overrides(environ)
        self.below = {k: v for k, v in environment.fallbacks(environ).items() if not self.is_set(*k)}

    def config(self, *, secrets: bool) -> Config:
        self.refuse_written_secrets()
        for (table, key), given in {**self.below, **self.above}.items():
            values = self.document.setdefault(table, {})
            if isinstance(values, dict):
                values[key] = given.value
        ringcentral = self.document.setdefault("ringcentral", {})
        if isinstance(ringcentral, dict):
            self.derive_media_url(ringcentral)
            if secrets:
                self.read_secrets(ringcentral)
            else:
                ringcentral.update(dict.fromkeys(credentials.PLACES, ""))
        config, flaws = check(self.document, self.base)
        for flaw in flaws:
            self.add(flaw.table, flaw.key, flaw.message)
        if config is None or self.problems:
            raise Invalid(sorted(self.problems, key=_in_reading_order))
        return config

    def is_set(self, table: str, key: str) -> bool:
        values = self.document.get(table)
        return (table, key) in self.above or (isinstance(values, dict) and key in values)

    def refuse_written_secrets(self) -> None:
        """A secret in the file would end in backups and tickets; say what to do, and do not repeat it."""
        values = self.document.get("ringcentral")
        if isinstance(values, dict):
            for key in DERIVED.intersection(values):
                self.add("ringcentral", key, f"unknown key{_instead_of(key)}")
                del values[key]

    def derive_media_url(self, ringcentral: dict[str, Any]) -> None:
        if "media_url" in ringcentral or "server_url" not in ringcentral:
            return
        try:
            server = addresses.origin(str(ringcentral["server_url"]))
        except ValueError:
            return  # server_url's own problem is enough
        media = addresses.media_for(server)
        if media is None:
            message = (
                "missing: it follows from server_url only where that begins with https://platform.; "
                "name the host that serves the recordings"
            )
            self.add("ringcentral", "media_url", message)
        else:
            ringcentral["media_url"] = media

    def read_secrets(self, ringcentral: dict[str, Any]) -> None:
        for field, place in credentials.PLACES.items():
            named = ringcentral.get(place.file_key)
            ringcentral[field] = "unread"
            if named is not None and not _is_path(named):
                continue  # the model says what is wrong with it
            try:
                path = None if named is None else (self.base / named).absolute()
                secret = credentials.find(place, path, self.environ)
            except ValueError as error:
                self.add("ringcentral", place.file_key, str(error))
            else:
                ringcentral[field] = secret.value
                ringcentral[f"{field}_source"] = secret.source

    @cached_property
    def places(self) -> Mapping[tuple[str, ...], tuple[int, int]]:
        """Find where each key stands, once somebody has to be told."""
        from daemon.config.positions import positions  # noqa: PLC0415  likewise

        return positions(self.text.replace("\r\n", "\n"))

    def add(self, table: str, key: str, message: str) -> None:
        dotted = f"{table}.{key}" if key else table
        given = self.above.get((table, key)) or self.below.get((table, key))
        if given is not None:
            self.problems.append(Problem(dotted, message, variable=given.variable))
            return
        line, column = self.places.get((table, key)) or self.places.get((table,)) or (1, 1)
        self.problems.append(Problem(dotted, message, file=self.name, line=line, column=column))


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value and not value.startswith("~")


def _instead_of(key: str) -> str:
    place = credentials.PLACES.get(key.removesuffix("_source"))
    return f": keep the secret in a file of its own and name that with {place.file_key}" if place else ""


def _in_reading_order(problem: Problem) -> tuple[bool, int, int, str]:
    return (
        problem.variable is not None,
        problem.line or 0,
        problem.column or 0,
        problem.variable or problem.key,
    )
