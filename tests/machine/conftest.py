"""Tests that need the machine itself: root, file systems of their own, a debugger's view of a process."""

import os
import shutil

import pytest

SWITCH = "RECORDINGD_MACHINE_TESTS"
"""`1` runs them, and lets a missing tool be a failure; `full` takes no samples where `1` does."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"machine(*tools): needs root and these tools; runs where {SWITCH} is set")


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("machine")
    if marker is None:
        return
    missing = [f"{tool} is missing" for tool in marker.args if shutil.which(tool) is None]
    missing += ["root is missing"] if os.geteuid() != 0 else []
    if os.environ.get(SWITCH, "") in {"", "0"}:
        needs = ", ".join(("root", *marker.args))
        pytest.skip(f"{SWITCH} is not set: a fault of the machine needs {needs}")
    if missing:
        pytest.fail(f"{SWITCH} is set, but {'; '.join(missing)}")


@pytest.fixture
def is_full() -> bool:
    """Say whether to try everything and not a sample."""
    return os.environ.get(SWITCH) == "full"
