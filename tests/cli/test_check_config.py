import json
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli import main

GOOD = """
[ringcentral]
server_url = "https://platform.devtest.ringcentral.com"
client_id = "app"
client_secret_file = "client_secret"
[archive]
directory = "calls"
[state]
directory = "state"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("RECORDINGD_CONFIG", "CREDENTIALS_DIRECTORY", "RC_SERVER_URL", "RC_APP_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RC_USER_JWT", "hunter2hunter2")
    monkeypatch.delenv("RC_APP_CLIENT_SECRET", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "client_secret").write_text("hunter3hunter3\n")
    (tmp_path / "client_secret").chmod(0o600)
    (tmp_path / "config.toml").write_text(GOOD)
    return tmp_path


def test_a_good_configuration_is_summed_up_without_its_secrets(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-config"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[0] == "config.toml: configuration is good"
    for word in (
        "https://media.devtest.ringcentral.com",
        "account, Inbound and Outbound",
        f"{folder}/calls",
        f"file {folder}/client_secret",
        "environment variable RC_USER_JWT",
    ):
        assert word in out
    assert "hunter" not in out
    assert not (folder / "calls").exists()


def test_all_problems_are_told_and_it_ends_with_78(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.toml").write_text(GOOD + "[downloads]\nconcurency = 4\nstrategy = 1\n[log]\nlevel = 'hi'\n")
    assert main(["check-config", "--config", "mine.toml"]) == 78
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.rsplit(": ", 1)[0] for line in err.splitlines()] == [
        "mine.toml:11:1: downloads.concurency",
        "mine.toml:12:1: downloads.strategy",
        "mine.toml:14:1: log.level",
    ]


def test_a_script_gets_the_problems_as_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.toml").write_text(GOOD + "[downloads]\nconcurency = 4\n")
    assert main(["check-config", "--json"]) == 78
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "problems": [
            {
                "key": "downloads.concurency",
                "message": 'unknown key, did you mean "concurrency"?',
                "file": "config.toml",
                "line": 11,
                "column": 1,
                "variable": None,
            }
        ],
    }


def test_a_script_hears_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "problems": []}


def test_a_directory_that_cannot_be_used_is_a_problem(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "calls").touch()
    assert main(["check-config"]) == 78
    assert (
        capsys.readouterr().err
        == f"archive.directory: {folder}/calls is not a directory, or lies below something that is none\n"
    )


def test_a_secret_others_can_read_is_a_problem(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "client_secret").chmod(0o644)
    assert main(["check-config"]) == 78
    err = capsys.readouterr().err
    assert err.startswith("config.toml:5:1: ringcentral.client_secret_file: others can read or change ")
    assert "hunter" not in err


def test_no_configuration_at_all_is_a_problem(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.toml").unlink()
    assert main(["check-config", "--json"]) == 78
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert "/etc/recordingd/config.toml" in problem["message"]


def test_an_extension_is_named_in_the_summary(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.toml").write_text(GOOD + '[subscription]\nscope = "extension"\nextension_id = "101"\n')
    assert main(["check-config"]) == 0
    assert "extension 101" in capsys.readouterr().out


def test_a_good_configuration_imports_nothing_heavy() -> None:
    heavy = "aiohttp asyncio difflib importlib.metadata jinja2 json prometheus_client requests rich structlog tempfile"
    program = (
        "import sys; from daemon.cli import main; assert main(['check-config']) == 0; "
        f"print(set('{heavy}'.split()) & set(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  (ours)
    assert ended.stderr == "set()\n"
