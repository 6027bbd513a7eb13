"""What a file system shows to whoever looks."""

import hashlib
import stat
from pathlib import Path


def names(directory: Path) -> list[str]:
    """List everything below a directory that is not a directory itself, by its path."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())


def mode(path: Path) -> int:
    """Say a file's permission bits."""
    return stat.S_IMODE(path.lstat().st_mode)


def read(path: Path) -> bytes:
    """Read all of a file."""
    return path.read_bytes()


def digest(content: bytes) -> str:
    """Hash content as the ledger does."""
    return hashlib.sha256(content).hexdigest()
