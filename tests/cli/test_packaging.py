"""A wheel as it is built from here: the program, its man page, its completions, and nothing of the build's own."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from daemon import __version__
from daemon.cli.completion import script
from daemon.cli.manual import page

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHARED = f"recordingd-{__version__}.data/data/share"


def built(kind: str, directory: Path) -> dict[str, str]:
    """Build a wheel; give its files."""
    words = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(directory)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603  (fixed words)
    assert ended.returncode == 0, ended.stderr
    (path,) = directory.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name).decode() for name in wheel.namelist()}


def test_a_wheel_brings_the_man_page_the_completions_and_the_schema(tmp_path: Path) -> None:
    files = built("wheel", tmp_path)
    assert {name.removeprefix(f"{SHARED}/"): text for name, text in files.items() if name.startswith(SHARED)} == {
        "man/man1/recordingd.1": page(),
        "bash-completion/completions/recordingd": f"{script('bash')}\n",
        "zsh/site-functions/_recordingd": f"{script('zsh')}\n",
        "fish/vendor_completions.d/recordingd.fish": f"{script('fish')}\n",
    }
    assert files["daemon/config/schema.json"] == (ROOT / "daemon/config/schema.json").read_text(encoding="utf-8")
    assert "daemon/cli/manual/recordingd.1.in" in files
    assert [name for name in files if "packaging" in name or name.startswith("tests/")] == []


def test_an_editable_install_waits_for_none_of_it(tmp_path: Path) -> None:
    files = built("wheel:editable", tmp_path)
    assert files["_recordingd.pth"] == str(ROOT)
    assert [name for name in files if "share" in name] == []


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_the_build_asks_for_the_programs_own_requirements_for_a_real_wheel_only(kind: str) -> None:
    backend = PROJECT["build-system"]
    program = (
        f"import {backend['build-backend']} as backend; print(*backend.get_requires_for_build_{kind}(), sep=chr(10))"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(backend["backend-path"])}
    words = [sys.executable, "-c", program]
    ended = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT, env=environ)  # noqa: S603  (fixed words)
    asked = re.findall(r"^[\w-]+", ended.stdout, re.MULTILINE)
    assert ("structlog" in asked, "shtab" in asked) == ((True, True) if kind == "wheel" else (False, False))
