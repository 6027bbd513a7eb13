"""What can be read of a configuration that is wrong."""

from pathlib import Path

import pytest

from daemon.config.salvage import salvaged

STATE, ARCHIVE = Path("/var/lib/recordingd/state"), Path("/var/lib/recordingd/recordings")


@pytest.mark.parametrize(
    ("text", "state", "archive"),
    [
        ('[state]\ndirectory = "s"\n[downloads]\nconcurency = 3\n', "s", ARCHIVE),
        ('[state]\ndirectory = 5\n[archive]\ndirectory = "a"\n', STATE, "a"),
        ('state = "x"\n[archive]\ndirectory = "~/a"\n', STATE, ARCHIVE),
        ('[state]\ndirectory = "s"\n[ringcentral', STATE, ARCHIVE),
        ("\0", STATE, ARCHIVE),
    ],
)
def test_what_is_good_of_it_is_taken_and_the_rest_is_as_the_defaults_have_it(
    tmp_path: Path, text: str, state: str | Path, archive: str | Path
) -> None:
    (tmp_path / "config.toml").write_text(text)
    found = salvaged(tmp_path / "config.toml", {})
    assert (found.state.directory, found.archive.directory) == (tmp_path / state, tmp_path / archive)


def test_the_environment_wins_here_too(tmp_path: Path) -> None:
    environ = {"RECORDINGD_STATE__DIRECTORY": "/srv/state", "RECORDINGD_DOWNLOADS__OVERDUE_AFTER_HOURS": "3"}
    found = salvaged(tmp_path / "there-is-none.toml", environ)
    assert (found.state.directory, found.downloads.overdue_after_hours) == (Path("/srv/state"), 3)
