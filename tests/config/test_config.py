import itertools
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import config
from daemon.config import Config, Invalid
from daemon.config.model import TABLES, keys
from daemon.errors import Misconfigured

SECRETS = {"RC_APP_CLIENT_SECRET": "the-app-secret", "RC_USER_JWT": "the-user-jwt"}
LEAST = '[ringcentral]\nclient_id = "app"\n'
ROOT = Path(__file__).parents[2]


def parsed(text: str = LEAST, environ: Mapping[str, str] = SECRETS) -> Config:
    return config.parse(text, environ=environ)


def complaints(text: str, environ: Mapping[str, str] = SECRETS) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        config.parse(text, environ=environ)
    return str(caught.value).split("\n")


def complaint(text: str, environ: Mapping[str, str] = SECRETS) -> str:
    (only,) = complaints(text, environ)
    return only


def test_a_tiny_file_is_enough() -> None:
    tiny = parsed()
    assert tiny.ringcentral.server_url == "https://platform.ringcentral.com"
    assert tiny.downloads.concurrency == 8
    assert tiny.archive.directory == Path("/var/lib/recordingd/recordings")
    assert tiny.ringcentral.client_secret.get_secret_value() == "the-app-secret"
    assert tiny.ringcentral.jwt.get_secret_value() == "the-user-jwt"


def test_the_example_holds_every_key_at_its_default() -> None:
    text = (ROOT / "config.example.toml").read_text()
    example = config.parse(text, environ=SECRETS)
    default = parsed(LEAST.replace("app", example.ringcentral.client_id))
    assert example == default
    # Keys without a default, or with one that follows from another key, are there as comments.
    everything = tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    assert {table: list(values) for table, values in everything.items()} == {table: keys(table) for table in TABLES}
    assert everything["ringcentral"]["media_url"] == default.ringcentral.media_url


def test_all_problems_are_told_at_once_in_the_files_order() -> None:
    text = LEAST + "[downloads]\nconcurency = 4\nconcurrency = 0\n[calls]\nsettle_seconds = -1\n[dowloads]\n"
    assert complaints(text, {**SECRETS, "RECORDINGD_LOG__LEVEL": "loud"}) == [
        'config.toml:4:1: downloads.concurency: unknown key, did you mean "concurrency"?',
        "config.toml:5:1: downloads.concurrency: expected a whole number above zero, at most 64, got 0",
        "config.toml:7:1: calls.settle_seconds: expected a number of seconds from zero and up to 86400, got -1",
        'config.toml:8:1: dowloads: unknown table, did you mean "downloads"?',
        'RECORDINGD_LOG__LEVEL: expected "debug", "info", "warning" or "error", got "loud"',
    ]


def test_problems_are_data_too() -> None:
    with pytest.raises(Invalid) as caught:
        config.parse(LEAST + "[calls]\n  settle = 1\n", name="my.toml", environ=SECRETS)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column, problem.key) == ("my.toml", 4, 3, "calls.settle")
    assert caught.value.exit_code == 78


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("downloads", "concurrency = true", "got true"),
        ("downloads", "concurrency = 2.5", "got 2.5"),
        ("downloads", 'concurrency = "8"', 'got "8"'),
        ("downloads", "concurrency = 65", "got 65"),
        ("downloads", "concurrency = [1]", "got a list"),
        ("downloads", "concurrency = 1979-05-27", "got a date"),
        ("downloads", "concurrency.x = 1", "got a table"),
        ("downloads", 'strategy = "fast"', '"call-log", "direct" or "hybrid", got "fast"'),
        ("downloads", "retry_initial_seconds = 0", "above zero"),
        ("downloads", "retry_initial_seconds = true", "got true"),
        ("downloads", "retry_max_seconds = nan", "got nan"),
        ("downloads", "retry_max_seconds = inf", "got inf"),
        ("downloads", "retry_max_seconds = 1", "at least retry_initial_seconds (2), got 1"),
        ("downloads", "minimum_bytes_per_second = -1", "zero or more, got -1"),
        ("downloads", "overdue_after_hours = 0", "hours above zero"),
        ("subscription", 'scope = "company"', '"account" or "extension", got "company"'),
        ("subscription", 'direction = "inbound"', '"Inbound" or "Outbound", got "inbound"'),
        ("subscription", "extension_id = 101", "an id in quotes, got 101"),
        ("subscription", 'extension_id = ""', 'an id in quotes, got ""'),
        ("subscription", 'extension_id = "../1"', 'got "../1"'),
        ("subscription", "heartbeat_seconds = 601", "up to 600, got 601"),
        ("calls", "silence_seconds = 0", "above zero"),
        ("archive", "min_free_bytes = 1e9", "whole number of bytes"),
        ("archive", 'directory = ""', 'expected a path, got ""'),
        ("archive", 'directory = "~/calls"', "written out in full"),
        ("archive", 'directory = "a\\u0000b"', "expected a path"),
        ("archive", "name = 1", "expected a template"),
        ("reconcile", "lookback_hours = 3000", "up to 2160"),
        ("state", "compact_after_days = 99", "at least 100 days"),
        ("state", "compact_after_days = -1", "0, or from 100 to 36500, got -1"),
        ("state", "compact_after_days = 120.5", "whole number of days"),
        ("log", 'format = "xml"', '"auto", "json" or "console", got "xml"'),
        ("log", 'level = "a\\u001b[2J"', 'got "a\\u001b[2J"'),
        ("metrics", 'listen = "9464"', 'expected "host:port"'),
        ("metrics", 'listen = "localhost:99999"', 'expected "host:port"'),
        ("metrics", "listen = 9464", "got 9464"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(table: str, line: str, words: str) -> None:
    said = complaint(f"{LEAST}[{table}]\n{line}\n")
    assert re.match(rf"config\.toml:4:1: {table}\.\w+: expected ", said)
    assert words in said


@pytest.mark.parametrize("name", ["{start:%Y}/{caller}", "{", "calls", "../{recording_id}", "{recording_id}\\u0000"])
def test_a_template_that_cannot_name_a_recording_is_refused(name: str) -> None:
    assert complaint(f'{LEAST}[archive]\nname = "{name}"').startswith("config.toml:4:1: archive.name: ")


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("archive", 'name = "{recording_id}"'),
        ("calls", "settle_seconds = 0"),
        ("calls", "settle_seconds = 0.05"),
        ("downloads", "concurrency = 64"),
        ("downloads", "minimum_bytes_per_second = 0"),
        ("subscription", 'extension_id = "22222222"'),
        ("metrics", 'listen = "127.0.0.1:9464"'),
        ("metrics", 'listen = "[::1]:9464"'),
        ("metrics", 'listen = ":9464"'),
    ],
)
def test_an_unusual_value_is_fine(table: str, line: str) -> None:
    parsed(f"{LEAST}[{table}]\n{line}\n")


def test_a_default_that_no_longer_fits_is_reported_at_its_table() -> None:
    said = complaint(f"{LEAST}[downloads]\nretry_initial_seconds = 1000\n")
    assert said.startswith("config.toml:3:1: downloads.retry_max_seconds: expected at least retry_initial_seconds")


@pytest.mark.parametrize("line", ["downloads = 3", 'downloads = "x"', "[[downloads]]"])
def test_a_table_must_be_a_table(line: str) -> None:
    said = complaint(f'ringcentral.client_id = "app"\n{line}\n')
    assert said.startswith("config.toml:2:1: downloads: expected a table, got ")


def test_ringcentral_must_be_a_table_too() -> None:
    assert complaint("ringcentral = 1\n") == "config.toml:1:1: ringcentral: expected a table, got 1"


def test_a_key_outside_any_table_is_unknown() -> None:
    assert complaint(f"concurrency = 3\n{LEAST}") == "config.toml:1:1: concurrency: unknown key"


def test_a_missing_key_points_at_its_table() -> None:
    assert complaint('\n[ringcentral]\naccount_id = "~"\n').startswith("config.toml:2:1: ringcentral.client_id: ")
    assert complaint("").startswith("config.toml:1:1: ringcentral.client_id: missing")


def test_a_syntax_error_is_the_only_problem() -> None:
    assert complaint("[ringcentral\n").startswith("config.toml:1:13: ")
    assert complaint("a = 1\na = 2\n") == "config.toml:2:6: Cannot overwrite a value"


def test_a_value_that_makes_lists_too_deep_is_a_problem_not_a_crash() -> None:
    assert "nested too deeply" in complaint("a = " + "[" * 100_000)


class TestHosts:
    @pytest.mark.parametrize(
        ("server", "media"),
        [
            ("https://platform.ringcentral.com/", "https://media.ringcentral.com"),
            ("https://platform.devtest.ringcentral.com", "https://media.devtest.ringcentral.com"),
            ("HTTPS://Platform.RingCentral.com", "https://media.ringcentral.com"),
            ("https://platform.example.com:8443", "https://media.example.com:8443"),
        ],
    )
    def test_the_media_host_follows_from_the_server(self, server: str, media: str) -> None:
        assert parsed(f'{LEAST}server_url = "{server}"').ringcentral.media_url == media

    @pytest.mark.parametrize("server", ["http://127.0.0.1:8080", "https://rc.example.com"])
    def test_a_host_of_another_shape_needs_the_media_host_named(self, server: str) -> None:
        said = complaint(f'{LEAST}server_url = "{server}"')
        assert said.startswith("config.toml:1:1: ringcentral.media_url: missing: it follows from server_url only")

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:8080", "http://127.9.9.9", "http://localhost:1", "http://[::1]:8080"]
    )
    def test_plain_http_is_fine_on_this_machine(self, url: str) -> None:
        found = parsed(f'{LEAST}server_url = "{url}/"\nmedia_url = "{url}"').ringcentral
        assert (found.server_url, found.media_url) == (url, url)

    @pytest.mark.parametrize(
        "url",
        [
            "http://platform.ringcentral.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://2130706433",
            "http://10.0.0.1",
            "ws://platform.ringcentral.com",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "platform.ringcentral.com",
            "https://",
            "https:///x",
            "https://user:hunter2@platform.ringcentral.com",
            "https://platform.ringcentral.com/restapi",
            "https://platform.ringcentral.com?x=hunter2",
            "https://platform.ringcentral.com#hunter2",
            "https://platform.ringcentral.com?",
            "https://platform.ringcentral.com:port",
            "https://platform.ringcentral.com:99999",
            "https://[::1",
            "https://plat form",
            "https://evil.com\\\\@platform.ringcentral.com",
            "https://a\\nb",
            "",
        ],
    )
    def test_an_unsafe_or_malformed_address_is_refused_and_not_repeated(self, url: str) -> None:
        said = complaint(f'{LEAST}media_url = "https://media.ringcentral.com"\nserver_url = "{url}"')
        assert said.startswith("config.toml:4:1: ringcentral.server_url: expected ")
        assert "hunter2" not in said

    def test_an_address_that_is_no_text_is_refused(self) -> None:
        assert complaint(f"{LEAST}server_url = 5").startswith("config.toml:3:1: ringcentral.server_url: expected")


class TestEnvironment:
    def test_a_variable_wins_over_the_file(self) -> None:
        environ = {
            **SECRETS,
            "RECORDINGD_DOWNLOADS__CONCURRENCY": "3",
            "RECORDINGD_CALLS__SETTLE_SECONDS": "0.5",
            "RECORDINGD_METRICS__LISTEN": "",
            "RECORDINGD_RINGCENTRAL__CLIENT_ID": "other",
            "RECORDINGD_CONFIG": "config.toml",
        }
        found = parsed(f'{LEAST}[metrics]\nlisten = "localhost:1"\n[downloads]\nconcurrency = 4', environ)
        assert found.downloads.concurrency == 3
        assert found.calls.settle_seconds == 0.5
        assert found.metrics.listen == ""
        assert found.ringcentral.client_id == "other"

    def test_a_wrong_variable_is_named_instead_of_the_file(self) -> None:
        environ = {**SECRETS, "RECORDINGD_DOWNLOADS__CONCURRENCY": "many"}
        assert complaint(f"{LEAST}[downloads]\nconcurrency = 4", environ) == (
            'RECORDINGD_DOWNLOADS__CONCURRENCY: expected a whole number above zero, at most 64, got "many"'
        )

    @pytest.mark.parametrize(
        ("variable", "meant"),
        [
            ("RECORDINGD_DOWNLOADS__CONCURENCY", "RECORDINGD_DOWNLOADS__CONCURRENCY"),
            ("RECORDINGD_DOWNLOAD__CONCURRENCY", "RECORDINGD_DOWNLOADS__CONCURRENCY"),
        ],
    )
    def test_a_misspelt_variable_is_a_problem(self, variable: str, meant: str) -> None:
        said = complaint(LEAST, {**SECRETS, variable: "1"})
        assert said == f'{variable}: unknown variable, did you mean "{meant}"?'

    @pytest.mark.parametrize("key", ["CLIENT_SECRET", "JWT", "JWT_SOURCE"])
    def test_a_secret_has_no_variable_of_this_shape(self, key: str) -> None:
        said = complaint(LEAST, {**SECRETS, f"RECORDINGD_RINGCENTRAL__{key}": "hunter2hunter2"})
        assert said.startswith(f"RECORDINGD_RINGCENTRAL__{key}: ")
        assert "hunter2" not in said

    def test_ringcentrals_own_names_fill_what_the_file_leaves_out(self) -> None:
        environ = {
            **SECRETS,
            "RC_SERVER_URL": "https://platform.devtest.ringcentral.com",
            "RC_APP_CLIENT_ID": "from-environment",
        }
        filled = parsed("", environ).ringcentral
        assert filled.client_id == "from-environment"
        assert filled.media_url == "https://media.devtest.ringcentral.com"
        assert parsed(LEAST, environ).ringcentral.client_id == "app"

    def test_an_empty_fallback_counts_as_unset(self) -> None:
        assert "ringcentral.client_id: missing" in complaint("", {**SECRETS, "RC_APP_CLIENT_ID": ""})

    def test_a_wrong_fallback_is_named(self) -> None:
        said = complaint(LEAST, {**SECRETS, "RC_SERVER_URL": "http://example.com"})
        assert said.startswith("RC_SERVER_URL: expected https://")


class TestSecrets:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "config.toml").write_text(LEAST + 'jwt_file = "secrets/jwt"\n')
        (tmp_path / "secrets").mkdir()
        self.write(tmp_path / "secrets" / "jwt", "header.payload.signature\n")
        return tmp_path

    def write(self, path: Path, content: str, mode: int = 0o600) -> None:
        path.write_text(content)
        path.chmod(mode)

    def loaded(self, folder: Path, environ: Mapping[str, str] = SECRETS) -> Config:
        return config.load(folder / "config.toml", environ)

    def refused(self, folder: Path, environ: Mapping[str, str] = SECRETS) -> str:
        with pytest.raises(Invalid) as caught:
            self.loaded(folder, environ)
        (problem,) = caught.value.problems
        assert (problem.key, problem.line) == ("ringcentral.jwt_file", 3)
        return problem.message

    def test_a_file_is_found_beside_the_configuration_and_stripped(self, folder: Path) -> None:
        found = self.loaded(folder).ringcentral
        assert found.jwt.get_secret_value() == "header.payload.signature"
        assert found.jwt_source == f"file {folder}/secrets/jwt"
        assert found.client_secret_source == "environment variable RC_APP_CLIENT_SECRET"

    @pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o620, 0o644, 0o666, 0o777])
    def test_a_file_open_to_others_is_refused(self, folder: Path, mode: int) -> None:
        (folder / "secrets" / "jwt").chmod(mode)
        said = self.refused(folder)
        assert str(folder / "secrets" / "jwt") in said
        assert f"mode {mode:04o}" in said

    @pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o440])
    def test_a_file_for_owner_and_group_is_fine(self, folder: Path, mode: int) -> None:
        (folder / "secrets" / "jwt").chmod(mode)
        self.loaded(folder)

    def test_a_missing_file_is_named(self, folder: Path) -> None:
        (folder / "secrets" / "jwt").unlink()
        assert self.refused(folder) == f"{folder}/secrets/jwt cannot be read: No such file or directory"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_an_unreadable_file_is_named(self, folder: Path) -> None:
        (folder / "secrets" / "jwt").chmod(0)
        assert self.refused(folder) == f"{folder}/secrets/jwt cannot be read: Permission denied"

    def test_what_is_no_file_is_named(self, folder: Path) -> None:
        (folder / "secrets" / "jwt").unlink()
        os.mkfifo(folder / "secrets" / "jwt", 0o600)
        assert self.refused(folder) == f"{folder}/secrets/jwt is not a regular file"
        (folder / "secrets" / "jwt").unlink()
        (folder / "secrets" / "jwt").mkdir(0o700)
        assert self.refused(folder) == f"{folder}/secrets/jwt is not a regular file"

    @pytest.mark.parametrize("content", ["", "\n", "  \n\t"])
    def test_an_empty_file_is_named(self, folder: Path, content: str) -> None:
        self.write(folder / "secrets" / "jwt", content)
        assert self.refused(folder) == f"{folder}/secrets/jwt is empty"

    @pytest.mark.parametrize("content", ["hunter2\nhunter3", "hunter2 hunter3", "hunter2é", "hunter2" * 10_000])
    def test_a_file_that_is_no_secret_is_named_and_not_quoted(self, folder: Path, content: str) -> None:
        self.write(folder / "secrets" / "jwt", content)
        said = self.refused(folder)
        assert "one line of printable ASCII" in said
        assert "hunter" not in said

    @pytest.mark.parametrize(
        "pasted", ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "Zm9vQmFyMTIzNDU2Nzg5MHF4" * 20]
    )
    def test_a_secret_pasted_in_place_of_its_file_is_not_repeated(self, folder: Path, pasted: str) -> None:
        (folder / "config.toml").write_text(f'{LEAST}jwt_file = "{pasted}"\n')
        said = self.refused(folder)
        assert "is it the secret itself?" in said
        assert pasted[:20] not in said

    @pytest.mark.parametrize("value", ['""', "7", '"~/jwt"', '"a\\u0000b"'])
    def test_what_is_no_path_is_named_once(self, folder: Path, value: str) -> None:
        (folder / "config.toml").write_text(f"{LEAST}jwt_file = {value}\n")
        said = self.refused(folder)
        assert said.startswith("expected a path")
        assert "got" not in said

    @pytest.mark.parametrize("value", ['"hunter2 hunter2"', "12345678"])
    def test_a_client_id_is_not_repeated_either(self, value: str) -> None:
        said = complaint(f"[ringcentral]\nclient_id = {value}")
        assert said == "config.toml:2:1: ringcentral.client_id: expected the app's client id in quotes, without spaces"

    @pytest.mark.parametrize("key", ["client_secret", "jwt"])
    def test_a_secret_in_the_file_is_refused_and_not_repeated(self, key: str) -> None:
        said = complaint(f'{LEAST}{key} = "hunter2hunter2"')
        assert said.startswith(f"config.toml:3:1: ringcentral.{key}: unknown key: keep the secret in a file")
        assert f"{key}_file" in said
        assert "hunter2" not in said

    def test_no_problem_ever_repeats_a_secret(self, folder: Path) -> None:
        wrong = "[downloads]\nconcurrency = 0\n"
        (folder / "config.toml").write_text((folder / "config.toml").read_text() + wrong)
        with pytest.raises(Invalid) as caught:
            self.loaded(folder)
        assert "signature" not in f"{caught.value} {caught.value.__context__!r} {caught.value.__cause__!r}"

    def test_systemds_credentials_serve_with_systemds_modes(self, folder: Path) -> None:
        (folder / "config.toml").write_text(LEAST)
        credentials = folder / "credentials"
        credentials.mkdir()
        self.write(credentials / "jwt", "from-systemd\n", 0o444)
        found = self.loaded(folder, {**SECRETS, "CREDENTIALS_DIRECTORY": str(credentials)}).ringcentral
        assert found.jwt.get_secret_value() == "from-systemd"
        assert found.jwt_source == "systemd credential jwt"
        assert found.client_secret.get_secret_value() == "the-app-secret"

    def test_what_a_reload_handed_over_wins_over_what_systemd_did_at_the_start(self, folder: Path) -> None:
        renewed, credentials = folder / "run", folder / "credentials"
        for directory, word in ((renewed, "renewed"), (credentials, "from-systemd")):
            directory.mkdir()
            self.write(directory / "jwt", word)
        (folder / "config.toml").write_text(LEAST)
        environ = {**SECRETS, "RUNTIME_DIRECTORY": str(renewed), "CREDENTIALS_DIRECTORY": str(credentials)}
        found = self.loaded(folder, environ).ringcentral
        assert (found.jwt.get_secret_value(), found.jwt_source) == ("renewed", "renewed credential jwt")
        (renewed / "jwt").unlink()
        assert self.loaded(folder, environ).ringcentral.jwt.get_secret_value() == "from-systemd"

    def test_what_a_reload_handed_over_and_others_can_read_is_refused(self, folder: Path) -> None:
        (folder / "config.toml").write_text(LEAST)
        self.write(folder / "jwt", "renewed", 0o644)
        with pytest.raises(Invalid, match="others can read"):
            self.loaded(folder, {**SECRETS, "RUNTIME_DIRECTORY": str(folder)})

    def test_a_named_file_wins_over_systemd_and_the_environment(self, folder: Path) -> None:
        self.write(folder / "client_secret", "from-systemd")
        self.write(folder / "jwt", "from-systemd")
        found = self.loaded(folder, {**SECRETS, "CREDENTIALS_DIRECTORY": str(folder)}).ringcentral
        assert found.jwt.get_secret_value() == "header.payload.signature"
        assert found.client_secret.get_secret_value() == "from-systemd"

    def test_an_empty_credential_is_a_problem_and_not_passed_over(self, folder: Path) -> None:
        (folder / "config.toml").write_text(LEAST)
        self.write(folder / "jwt", "")
        with pytest.raises(Invalid, match=r"jwt_file: .*/jwt is empty"):
            self.loaded(folder, {**SECRETS, "CREDENTIALS_DIRECTORY": str(folder)})

    def test_a_secret_nobody_gave_is_missed_with_the_ways_to_give_it(self) -> None:
        first, second = complaints(LEAST, {"RC_USER_JWT": " "})
        assert first.startswith("config.toml:1:1: ringcentral.client_secret_file: missing: ")
        assert second.startswith("config.toml:1:1: ringcentral.jwt_file: missing: ")
        assert "RC_USER_JWT" in second

    def test_a_malformed_secret_in_the_environment_is_not_repeated(self) -> None:
        said = complaint(LEAST, {**SECRETS, "RC_USER_JWT": "hunter2\nhunter2"})
        assert "RC_USER_JWT must be one line" in said
        assert "hunter2" not in said

    def test_secrets_are_in_no_representation(self) -> None:
        found = parsed()
        for shown in (repr(found), str(found), str(asdict(found)), json.dumps(asdict(found), default=str)):
            assert "the-app-secret" not in shown
            assert "the-user-jwt" not in shown


class TestFiles:
    def test_relative_directories_start_from_the_configuration(self, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_text(f'{LEAST}[archive]\ndirectory = "calls"\n[state]\ndirectory = "/s"\n')
        found = config.load(tmp_path / "config.toml", SECRETS)
        assert found.archive.directory == tmp_path / "calls"
        assert found.state.directory == Path("/s")

    def test_a_file_that_is_not_there_is_one_problem(self, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match=r"none\.toml: cannot be read: No such file or directory"):
            config.load(tmp_path / "none.toml", SECRETS)

    def test_a_file_that_is_no_text_is_one_problem(self, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_bytes(b"# ok\n# \xff\n")
        with pytest.raises(Invalid, match=r"config\.toml:2:3: is not UTF-8 text"):
            config.load(tmp_path / "config.toml", SECRETS)

    def test_what_windows_editors_add_is_harmless(self, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
        assert config.load(tmp_path / "config.toml", SECRETS).ringcentral.client_id == "app"

    def test_the_named_configuration_is_used_as_it_is(self, tmp_path: Path) -> None:
        named = tmp_path / "b.toml"
        named.touch()
        environ = {"RECORDINGD_CONFIG": str(named)}
        assert config.find("a.toml", environ) == Path("a.toml")
        assert config.find(None, environ) == named

    def test_the_usual_places_come_last(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(Invalid, match=r"none at config\.toml, /etc/recordingd/config\.toml"):
            config.find(None, {"RECORDINGD_CONFIG": ""})
        (tmp_path / "config.toml").touch()
        assert config.find(None, {}) == Path("config.toml")

    def test_a_variable_that_names_no_file_is_a_problem(self) -> None:
        with pytest.raises(Invalid, match=r"RECORDINGD_CONFIG: there is no file /nowhere/c\.toml"):
            config.find(None, {"RECORDINGD_CONFIG": "/nowhere/c.toml"})

    def with_directories(self, archive: Path, state: Path) -> Config:
        tables = f"[archive]\ndirectory = {json.dumps(str(archive))}\n[state]\ndirectory = {json.dumps(str(state))}\n"
        return parsed(LEAST + tables)

    def test_directories_are_made_and_tried(self, tmp_path: Path) -> None:
        archive, state = tmp_path / "a" / "b", tmp_path / "c"
        assert config.check_directories(self.with_directories(archive, state), create=True) == []
        assert archive.is_dir()
        assert list(state.iterdir()) == []

    def test_directories_are_only_asked_for(self, tmp_path: Path) -> None:
        archive, state = tmp_path / "a" / "b", tmp_path
        assert config.check_directories(self.with_directories(archive, state), create=False) == []
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("create", [True, False])
    def test_unfit_directories_are_named(self, tmp_path: Path, *, create: bool) -> None:
        (tmp_path / "file").touch()
        paths = self.with_directories(tmp_path / "file", tmp_path / "file" / "below")
        assert [str(problem) for problem in config.check_directories(paths, create=create)] == [
            f"archive.directory: {tmp_path}/file is not a directory, or lies below something that is none",
            f"state.directory: {tmp_path}/file/below is not a directory, or lies below something that is none",
        ]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
    def test_a_directory_one_may_not_write_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir(0o500)
        (problem,) = config.check_directories(self.with_directories(tmp_path / "a", tmp_path), create=False)
        assert problem.message == f"{tmp_path}/a cannot be written: Permission denied"
        below = self.with_directories(tmp_path / "a" / "b", tmp_path)
        (problem,) = config.check_directories(below, create=False)
        assert problem.message == f"{tmp_path}/a/b cannot be created: {tmp_path}/a may not be written"

    def test_a_directory_on_a_file_system_without_files_is_named(self, tmp_path: Path) -> None:
        (problem,) = config.check_directories(self.with_directories(Path("/proc"), tmp_path), create=True)
        assert problem.message.startswith("/proc cannot be written: ")


SCRAPS = ["[ringcentral]", "client_id = ", '"app"', "jwt_file", "[downloads]", "= {", "}", "]", "\n", "1", ".", "''"]


@given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_is_a_configuration_or_a_list_of_problems(text: str) -> None:
    try:
        parsed(text)
    except Invalid as error:
        places = [problem.line for problem in error.problems]
    else:
        places = [1]
    assert places
    assert None not in places


def test_every_key_can_come_from_the_environment_and_is_refused_by_name() -> None:
    every = list(itertools.chain.from_iterable(((table, key) for key in keys(table)) for table in TABLES))
    environ = {f"RECORDINGD_{table}__{key}".upper(): "\0" for table, key in every}
    assert sorted({line.split(":")[0] for line in complaints(LEAST, {**SECRETS, **environ})}) == sorted(environ)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_directories_that_are_made_have_the_promised_mode_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    least = config.parse(LEAST, environ=SECRETS)
    paths = {"archive": tmp_path / "a" / "b" / "recordings", "state": tmp_path / "state"}
    tables = {name: replace(getattr(least, name), directory=path) for name, path in paths.items()}
    before = os.umask(umask)
    try:
        assert config.check_directories(replace(least, **tables), create=True) == []
    finally:
        os.umask(before)
    made = (tmp_path / "a", tmp_path / "a" / "b", *paths.values())
    assert [path.stat().st_mode & 0o777 for path in made] == [0o750] * 4


@pytest.mark.parametrize("host", ["a..b", ".a", "a" * 64, "a" * 60 + ".b" * 100])
def test_what_no_name_server_knows_is_no_host(host: str) -> None:
    for table, key, value in (("metrics", "listen", f"{host}:9464"), ("heartbeat", "url", f"https://{host}/ping")):
        assert complaint(f'{LEAST}[{table}]\n{key} = "{value}"').startswith(
            f"config.toml:4:1: {table}.{key}: expected "
        )


def test_a_number_of_thousands_of_digits_is_a_problem_and_no_crash() -> None:
    assert (
        complaint(f"{LEAST}[downloads]\nconcurrency = {'9' * 5000}") == "config.toml: has a number that is far too long"
    )
