"""The JSON Schema: what an editor is told of config.toml is what the daemon does with it."""

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from daemon import config
from daemon.cli import main
from daemon.config import Invalid
from daemon.config.credentials import PLACES
from daemon.config.environment import FALLBACKS
from daemon.config.model import DERIVED, TABLES, keys
from daemon.config.model import default as standard
from daemon.config.schema import schema

ROOT = Path(__file__).parents[2]
CHECKED_IN = ROOT / "daemon" / "config" / "schema.json"
EXAMPLE = ROOT / "config.example.toml"
HANDED_OVER = {"RC_APP_CLIENT_ID": "app", "RC_APP_CLIENT_SECRET": "secret", "RC_USER_JWT": "jwt"}


def refused(text: str) -> list[str]:
    """Name what an editor would underline."""
    found = Draft202012Validator(schema()).iter_errors(tomllib.loads(text))
    return sorted(".".join(map(str, error.absolute_path)) for error in found)


def is_taken(text: str) -> bool:
    """Say whether the daemon would start with it."""
    try:
        config.parse(text, environ=HANDED_OVER)
    except Invalid:
        return False
    return True


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_copy_for_editors_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == CHECKED_IN.read_text(encoding="utf-8"), (
        "the model has changed: recordingd schema > daemon/config/schema.json"
    )


def test_the_example_names_the_copy_and_fits_it() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    named = text.splitlines()[0].removeprefix("#:schema ")
    assert (EXAMPLE.parent / named).resolve() == CHECKED_IN
    assert refused(text) == []


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_every_key_of_the_file_is_explained_and_no_other(table: str) -> None:
    told = schema()["properties"][table]
    assert told["description"]
    assert list(told["properties"]) == keys(table)
    assert [key for key, of in told["properties"].items() if not of.get("description")] == []


@pytest.mark.parametrize("table", TABLES)
def test_defaults_are_those_of_the_model(table: str) -> None:
    for key, told in schema()["properties"][table]["properties"].items():
        default = standard(table, key)
        assert ("default" in told) == (key != "client_id" and default is not None)
        if "default" in told:
            assert told["default"] == (str(default) if isinstance(default, Path) else default)


def test_choices_and_bounds_are_told() -> None:
    tables = schema()["properties"]
    assert tables["log"]["properties"]["level"]["enum"] == ["debug", "info", "warning", "error"]
    concurrency = tables["downloads"]["properties"]["concurrency"]
    assert (concurrency["type"], concurrency["minimum"], concurrency["maximum"]) == ("integer", 1, 64)


def test_what_the_environment_may_give_is_not_missed_in_the_file() -> None:
    # An editor that underlines a file which is complete teaches people to look away.
    assert is_taken("")
    assert refused("") == []
    assert refused("[ringcentral]") == []


def test_keys_say_which_variable_gives_them_too() -> None:
    told = schema()["properties"]["ringcentral"]["properties"]
    for variable, (_, key) in FALLBACKS.items():
        assert f"${variable}" in told[key]["description"]
    for place in PLACES.values():
        assert f"${place.variable}" in told[place.file_key]["description"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[downlods]", ""),
        ("[downloads]\nconcurency = 8", "downloads"),
        ("[downloads]\nconcurrency = 0", "downloads.concurrency"),
        ("[downloads]\nconcurrency = 65", "downloads.concurrency"),
        ("[downloads]\nconcurrency = 1.5", "downloads.concurrency"),
        ('[downloads]\nconcurrency = "8"', "downloads.concurrency"),
        ('[downloads]\nstrategy = "both"', "downloads.strategy"),
        ("[downloads]\nread_timeout_seconds = 0", "downloads.read_timeout_seconds"),
        ("[downloads]\nread_timeout_seconds = true", "downloads.read_timeout_seconds"),
        ('[archive]\ndirectory = "~/recordings"', "archive.directory"),
        ('[archive]\ndirectory = ""', "archive.directory"),
        ('[log]\nlevel = "loud"', "log.level"),
        ('[metrics]\nlisten = "9464"', "metrics.listen"),
        ('[ringcentral]\nserver_url = "platform.ringcentral.com"', "ringcentral.server_url"),
        ('[ringcentral]\nserver_url = "https://platform.ringcentral.com/restapi"', "ringcentral.server_url"),
        ('[ringcentral]\nclient_id = "two words"', "ringcentral.client_id"),
        ("[ringcentral]\njwt_file = 1", "ringcentral.jwt_file"),
        ('ringcentral = "https://platform.ringcentral.com"', "ringcentral"),
        *((f'[ringcentral]\n{key} = "x"', "ringcentral") for key in sorted(DERIVED)),
    ],
)
def test_an_editor_refuses_what_the_daemon_refuses(text: str, where: str) -> None:
    assert refused(text) == [where]
    assert not is_taken(text)


@pytest.mark.parametrize(
    "text",
    [
        "[calls]\nsettle_seconds = 0",
        "[calls]\nsettle_seconds = 1.5",
        "[downloads]\nconcurrency = 64",
        '[archive]\ndirectory = "recordings"',
        '[ringcentral]\nserver_url = "HTTPS://Platform.RingCentral.com/"',
        '[ringcentral]\nserver_url = "http://[::1]:8080"\nmedia_url = "http://localhost:1"',
        '[subscription]\nextension_id = "1234"\ndirection = ""',
        *(f'[metrics]\nlisten = "{listen}"' for listen in ("", ":9464", "127.0.0.1:9464", "[::1]:9464")),
    ],
)
def test_an_editor_takes_what_the_daemon_takes(text: str) -> None:
    assert is_taken(text)
    assert refused(text) == []
