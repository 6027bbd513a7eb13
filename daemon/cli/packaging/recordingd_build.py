"""The build: hatchling's, and what only a real wheel brings, the man page and the shells' completions.

They are made from the commands' parsers, so making them means importing the program with all that it needs. An
editable install has no use for them, and is what a newcomer waits for; hatchling knows requirements of every build or
of none. So pyproject.toml names this module as its backend, which asks for them where a wheel is built, and as its
hook, which makes the files there.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.build import *  # noqa: F403  (all that a backend has, whichever hatchling this is)
from hatchling.build import get_requires_for_build_wheel as _requires_of_hatchling
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

EDITABLE = "editable"
COMPLETIONS = {
    "bash": "share/bash-completion/completions/recordingd",
    "zsh": "share/zsh/site-functions/_recordingd",
    "fish": "share/fish/vendor_completions.d/recordingd.fish",
}
MANUAL = "share/man/man1/recordingd.1"
"""Below the environment's prefix: `man` finds it there by itself once its bin is on the path."""


def get_requires_for_build_wheel(  # type: ignore[no-redef]  # in the place of hatchling's
    config_settings: dict[str, Any] | None = None,
) -> list[str]:
    """Name what has to be there when a wheel is built: what the program itself needs."""
    metadata = ProjectMetadata(str(Path.cwd()), PluginManager())
    return [*_requires_of_hatchling(config_settings), *metadata.core.dependencies]


class SharedFiles(BuildHookInterface):  # type: ignore[type-arg]  # whatever its configuration is
    """Makes the files, and has them put into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make them, except for an editable install."""
        if version == EDITABLE:
            return
        sys.path.insert(0, self.root)
        from daemon.cli.completion import script  # noqa: PLC0415 - not for an editable install
        from daemon.cli.manual import page  # noqa: PLC0415 - likewise

        texts = {path: f"{script(shell)}\n" for shell, path in COMPLETIONS.items()} | {MANUAL: page()}
        self.made = tempfile.TemporaryDirectory()
        for path, text in texts.items():
            file = Path(self.made.name, path)
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
            file.chmod(0o644)
            build_data["shared_data"][str(file)] = path

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Take them away again: they are in the wheel."""
        if version != EDITABLE:
            self.made.cleanup()
