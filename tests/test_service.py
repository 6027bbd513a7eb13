"""The unit agrees with the program it starts."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.app import GRACE
from daemon.errors import Misconfigured, Refused
from daemon.logs.outbox import PATIENCE

MISSING_CREDENTIAL = 243
"""What systemd itself ends with where LoadCredential= names a file that is not there: systemd.exec(5)."""
UNIT = Path(__file__).parent.parent / "systemd" / "recordingd.service"
NEWER = UNIT.with_name("systemd-254.conf")
PROGRAM = "/opt/recordingd/bin/recordingd"
MOST_EXPOSED = 1.1

needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing: units cannot be judged"
)


def _service() -> configparser.SectionProxy:
    # strict=False: a unit may say the same key twice, as LoadCredential= does; the last one is enough here.
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    unit.read(UNIT)
    return unit["Service"]


def test_systemd_waits_longer_than_downloads_are_given() -> None:
    assert float(_service()["TimeoutStopSec"]) > GRACE + PATIENCE


def test_what_a_person_must_mend_is_not_restarted() -> None:
    codes = {int(code) for code in _service()["RestartPreventExitStatus"].split()}
    assert codes == {Refused.exit_code, Misconfigured.exit_code, MISSING_CREDENTIAL}


def test_secrets_are_handed_over_and_stand_in_no_environment() -> None:
    text = UNIT.read_text(encoding="utf-8")
    assert "LoadCredential=client_secret:" in text
    assert "LoadCredential=jwt:" in text
    assert "Environment" not in text


def test_the_unit_of_several_accounts_differs_only_in_where_things_are() -> None:
    one, several = (_settings(name) for name in ("recordingd.service", "recordingd@.service"))
    places = {
        *("Description", "ExecStart", "ExecReload", "LoadCredential", "StateDirectory", "RuntimeDirectory"),
        *("Environment", "TemporaryFileSystem", "BindPaths"),
    }
    assert {key for key, _ in one ^ several} <= places


def _settings(name: str) -> set[tuple[str, str]]:
    text = (UNIT.parent / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return {(key, value) for key, _, value in (line.partition("=") for line in lines)}


@needs_analyze
@pytest.mark.parametrize("name", ["recordingd.service", "recordingd@.service"])
def test_the_units_are_exposed_no_more_than_promised(name: str) -> None:
    said = _analyzed("security", "--offline=true", "--no-pager", str(UNIT.with_name(name)))
    (level,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert float(level) <= MOST_EXPOSED


@needs_analyze
def test_systemd_has_no_word_against_the_units(tmp_path: Path) -> None:
    units = [_as_if_installed(path, tmp_path) for path in UNIT.parent.glob("*.service")]
    assert len(units) == 3
    # It ends with 0 whatever it warns of.
    assert _analyzed("verify", "--man=no", *map(str, units)) == ""


@needs_analyze
def test_what_only_newer_ones_know_is_in_no_unit_but_in_a_file_beside_them(tmp_path: Path) -> None:
    unit = _as_if_installed(UNIT, tmp_path)
    more = tmp_path / f"{UNIT.name}.d"
    more.mkdir()
    shutil.copy(NEWER, more)
    said = _analyzed("verify", "--man=no", str(unit)).splitlines()
    newest = int(re.findall(r"^systemd (\d+)", _analyzed("--version"))[0])
    assert said == [] if newest >= 254 else all(NEWER.name in line for line in said) and said


def _as_if_installed(unit: Path, place: Path) -> Path:
    """Copy a unit, with a program in it that is there."""
    text = unit.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
    copy = place / unit.name
    copy.write_text(text, encoding="utf-8")
    return copy


def _analyzed(*words: str) -> str:
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return done.stdout + done.stderr
