"""The man page: whole, true, and read by man and mandoc without a word of complaint."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon import __version__
from daemon.cli import COMMANDS, complete_parsers
from daemon.cli.manual import page, roff
from daemon.config import USUAL_PLACES
from daemon.config.credentials import PLACES
from daemon.config.environment import FALLBACKS

ROOT = Path(__file__).parents[2]
SECTIONS = "NAME, SYNOPSIS, DESCRIPTION, COMMANDS, EXIT STATUS, ENVIRONMENT, FILES, SIGNALS, SEE ALSO"


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "recordingd.1"
    path.write_text(page(), encoding="utf-8")
    return path


def ran(*words: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", "MANWIDTH": "1000", "MAN_KEEP_FORMATTING": "", "LC_ALL": "C.UTF-8"}
    return subprocess.run(words, capture_output=True, text=True, check=False, env=environ)  # noqa: S603  (fixed words)


def sections(text: str) -> list[str]:
    return re.findall(r"^\.SH (.+)$", text, re.MULTILINE)


def section(name: str) -> str:
    return page().split(f"\n.SH {name}\n")[1].split("\n.SH ")[0]


def test_it_has_every_section_in_the_usual_order() -> None:
    assert ", ".join(sections(page())) == SECTIONS
    assert f'"recordingd {__version__}"' in page().splitlines()[0]
    assert "@" not in page()


def test_every_command_and_every_option_is_in_it() -> None:
    told = section("COMMANDS").split("\n.SS ")[1:]
    assert [one.split("\n")[0].replace("\\-", "-") for one in told] == list(COMMANDS)
    _, parsers = complete_parsers()
    for one, parser in zip(told, parsers.values(), strict=True):
        # As argparse itself lists them, the values that options take left aside.
        options = set(re.findall(r"--[a-z][a-z-]*", parser.format_usage()))
        headings = re.findall(r"^\.TP\n(.*)$", one, re.MULTILINE)
        named = set(re.findall(r"--[a-z][a-z-]*", " ".join(headings).replace("\\-", "-")))
        assert named == options


def test_every_exit_status_of_the_readme_is_in_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("| exit status | meaning |") :].split("\n\n")[0]
    statuses = re.findall(r"^\| (\d+) \|", table, re.MULTILINE)
    assert statuses
    assert [status for status in statuses if f"\n.B {status}\n" not in section("EXIT STATUS")] == []


def test_every_variable_and_every_usual_place_is_in_it() -> None:
    variables = {"RECORDINGD_CONFIG", *FALLBACKS, *(place.variable for place in PLACES.values())}
    assert [name for name in variables if name not in section("ENVIRONMENT")] == []
    assert [str(place) for place in USUAL_PLACES if str(place) not in section("FILES")] == []


@needs("man")
def test_man_shows_it_without_a_warning(file: Path) -> None:
    ended = ran("man", "--warnings", "--local-file", str(file))
    assert (ended.returncode, ended.stderr) == (0, "")
    shown = re.sub(" +", " ", ended.stdout)
    assert "recordingd - keeps every RingCentral call recording" in shown
    assert "recordingd backfill [--config PATH] [--json] --from TIME [--to TIME] [--dry-run]" in shown
    assert "recordingd abandon [--config PATH] [--json] ID… --reason TEXT" in shown


@needs("mandoc")
def test_mandoc_finds_nothing_wrong_with_it(file: Path) -> None:
    ended = ran("mandoc", "-T", "lint", "-W", "warning", str(file))
    complaints = [line for line in ended.stdout.splitlines() if "missing date" not in line]
    # It has no date: equal sources make equal wheels, and its version is in the footer.
    assert complaints == []


@needs("man")
@pytest.mark.parametrize(
    "words",
    [
        r"a\fBslash\n of .no \(use",
        ".SH NOT A SECTION",
        "'tis no request",
        '~/`ls` ^C "quoted" --from-here',
        "café 30 € …",
    ],
)
def test_no_words_can_be_mistaken_for_roff(words: str, tmp_path: Path) -> None:
    path = tmp_path / "words.1"
    path.write_text(f'.TH WORDS 1 ""\n.SH NAME\n{roff.line(roff.text(words))}\n', encoding="ascii")
    ended = ran("man", "--warnings", "--local-file", str(path))
    assert ended.stderr == ""
    assert words in ended.stdout
