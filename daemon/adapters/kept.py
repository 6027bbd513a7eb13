"""One small file in the state directory, replaced whole: tokens, the wsc, the quota, word of ourselves."""

import os
from pathlib import Path

import orjson


def read(path: Path) -> object:
    """Read what was kept; None where there is nothing, or nothing readable."""
    try:
        found: object = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found


def replace(path: Path, value: object, *, durable: bool) -> None:
    """Replace the file, mode 0600; a reader sees the old one or the new one.

    Args:
        path: The file; its directory exists and is ours alone.
        value: What JSON can tell.
        durable: Whether it is to survive a power cut; otherwise only a crash of ours.

    Raises:
        OSError: There is no room for it.
    """
    temporary = path.with_suffix(".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(temporary, flags, 0o600), "wb") as file:  # noqa: PTH123
        os.fchmod(file.fileno(), 0o600)
        file.write(orjson.dumps(value, option=orjson.OPT_UTC_Z))
        file.flush()
        if durable:
            os.fsync(file.fileno())
    temporary.replace(path)
