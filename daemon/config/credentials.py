"""The two secrets: where they may lie, and which files are fit to hold one."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LONGEST_SECRET = 65_536
"""Bytes; a larger file is not a secret but a mistake."""

FORBIDDEN = stat.S_IRWXO | stat.S_IWGRP
"""Mode bits no secret file may have. The group may read: `root:recordingd 0640` is a service's usual way."""


_TOKEN = re.compile(r"eyJ|(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9_.=-]{20,}")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, and in words for a person where it was found."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """The places one secret is looked for, in this order.

    Attributes:
        file_key: The configuration's key that names a file.
        credential: The file's name below systemd's $RUNTIME_DIRECTORY, where a reload of the unit hands over new ones,
            and below its $CREDENTIALS_DIRECTORY, which it fills at a start only.
        variable: The environment variable that holds the secret itself.
    """

    file_key: Literal["client_secret_file", "jwt_file"]
    credential: str
    variable: str


PLACES = {
    "client_secret": Place("client_secret_file", "client_secret", "RC_APP_CLIENT_SECRET"),
    "jwt": Place("jwt_file", "jwt", "RC_USER_JWT"),
}


def find(place: Place, named: Path | None, environ: Mapping[str, str]) -> Secret:
    """Read a secret from the first place that has one.

    The mode of systemd's own files is not looked at: they are 0440 in a directory only the service can enter.

    Raises:
        ValueError: There is none, or the first place is unfit; the text never holds the secret.
    """
    if named is not None:
        return Secret(_read(named, private=True), f"file {named}")
    for variable, word in (("RUNTIME_DIRECTORY", "renewed"), ("CREDENTIALS_DIRECTORY", "systemd")):
        for directory in filter(None, environ.get(variable, "").split(":")):  # systemd may have made several
            if is_there(handed := Path(directory) / place.credential):
                return Secret(_read(handed, private=word == "renewed"), f"{word} credential {place.credential}")
    if value := environ.get(place.variable, "").strip():
        if not _plain(value):
            raise ValueError(f"{place.variable} must be one line of printable ASCII without spaces")
        return Secret(value, f"environment variable {place.variable}")
    raise ValueError(
        f"missing: name the file that holds it, or hand it over as systemd's credential {place.credential}, "
        f"or set {place.variable}"
    )


def is_there(path: Path) -> bool:
    """Say whether a path leads to something, also where we may not look at it."""
    try:
        path.stat()
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def _read(path: Path, *, private: bool) -> str:
    named = _fit_to_show(path)
    try:
        # Not blocking, so that a named pipe in the wrong place is a problem and not a silence.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ValueError(f"{named} cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{path} is not a regular file")
        mode = stat.S_IMODE(status.st_mode)
        if private and mode & FORBIDDEN:
            raise ValueError(f"others can read or change {path} (mode {mode:04o}); chmod it to 0640 or 0600")
        content = os.read(descriptor, LONGEST_SECRET + 1)
    finally:
        os.close(descriptor)
    try:
        value = content.decode("ascii").strip()
    except UnicodeDecodeError:
        value = " "
    if not content.strip():
        raise ValueError(f"{path} is empty")
    if len(content) > LONGEST_SECRET or not _plain(value):
        raise ValueError(f"{path} must hold one line of printable ASCII without spaces, and nothing else")
    return value


def _plain(value: str) -> bool:
    """Say whether a secret can go into a header or a form as it is."""
    return re.fullmatch(r"[!-~]+", value) is not None


def _fit_to_show(path: Path) -> str:
    """Name a path that cannot be read, unless what is not there looks like the secret itself, pasted."""
    missing = [part for part in (path, *path.parents) if not is_there(part)]
    pasted = any(_TOKEN.match(part.name) for part in missing)
    return "the file named here (is it the secret itself? this key takes a path)" if pasted else str(path)
