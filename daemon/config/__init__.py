"""TOML to Config: checked once, completely.

    path = find(arguments.config, os.environ)
    config = load(path, os.environ)

Either all is well and the values are frozen, or `Invalid` (a `Misconfigured`) lists every problem at once.
"""

from collections.abc import Mapping
from pathlib import Path

from daemon.config.credentials import is_there
from daemon.config.directories import check_directories
from daemon.config.model import Config
from daemon.config.problems import Invalid, Problem
from daemon.config.reading import load, parse

__all__ = ["Config", "Invalid", "Problem", "check_directories", "find", "load", "parse"]

USUAL_PLACES = (Path("config.toml"), Path("/etc/recordingd/config.toml"))
"""Where a configuration is looked for when nobody names one."""


def find(explicit: str | None, environ: Mapping[str, str]) -> Path:
    """Choose the configuration file: --config, else $RECORDINGD_CONFIG, else the usual places.

    Raises:
        Invalid: There is none; the text names the places.
    """
    if explicit is not None:
        return Path(explicit)
    if named := environ.get("RECORDINGD_CONFIG"):
        if not is_there(Path(named)):
            raise Invalid([Problem("", f"there is no file {named}", variable="RECORDINGD_CONFIG")])
        return Path(named)
    for place in USUAL_PLACES:
        if is_there(place):
            return place
    looked = ", ".join(str(place) for place in USUAL_PLACES)
    message = f"no configuration: none named with --config or $RECORDINGD_CONFIG, and none at {looked}"
    raise Invalid([Problem("", message)])
