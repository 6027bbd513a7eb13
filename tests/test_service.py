"""The unit agrees with the program it starts."""

import configparser
from pathlib import Path

from daemon.app import GRACE
from daemon.errors import Misconfigured, Refused

UNIT = Path(__file__).parent.parent / "systemd" / "recordingd.service"


def _service() -> configparser.SectionProxy:
    # strict=False: a unit may say the same key twice, as LoadCredential= does; the last one is enough here.
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    unit.read(UNIT)
    return unit["Service"]


def test_systemd_waits_longer_than_downloads_are_given() -> None:
    assert float(_service()["TimeoutStopSec"]) > GRACE


def test_what_a_person_must_mend_is_not_restarted() -> None:
    codes = {int(code) for code in _service()["RestartPreventExitStatus"].split()}
    assert codes == {Refused.exit_code, Misconfigured.exit_code}


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
