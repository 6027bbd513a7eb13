"""A configuration of the daemon that talks to the simulator."""

import json
import os
from pathlib import Path

from daemon.simulator.options import Options


def config_toml(options: Options, rest_url: str, media_url: str, directory: Path) -> str:
    """Write the secret files below `directory` (mode 0600); return a TOML configuration that names them."""
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    secret = write_secret(directory / "client_secret", options.client_secret)
    jwt = write_secret(directory / "jwt", options.jwt)
    return "\n".join(
        (
            "[ringcentral]",
            f"server_url = {_quoted(rest_url)}",
            f"media_url = {_quoted(media_url)}",
            f"client_id = {_quoted(options.client_id)}",
            f"client_secret_file = {_quoted(secret)}",
            f"jwt_file = {_quoted(jwt)}",
            "",
            "[archive]",
            f"directory = {_quoted(directory / 'recordings')}",
            "",
            "[state]",
            f"directory = {_quoted(directory / 'state')}",
            "",
        )
    )


def write_secret(path: Path, text: str) -> Path:
    """Write a file that only its owner can read, whatever the umask and whatever was there."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _quoted(value: object) -> str:
    """Write a TOML basic string; JSON's escapes are a subset of TOML's, once ASCII is not forced."""
    return json.dumps(str(value), ensure_ascii=False)
