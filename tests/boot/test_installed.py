"""What the README's five commands leave on a machine, by the judgement of systemd's own tools."""

import re

import pytest

from tests.boot.service import TREE, Service

UNITS = ("recordingd.service", "recordingd@.service")
MOST_EXPOSED = 1.1


def test_accounts_and_directories_are_made(service: Service) -> None:
    machine = service.machine
    told = machine.run("id", "recordingd").said
    assert "(recordingd-readers)" in told.split("groups=")[0]
    assert re.search(r"groups=.*\(recordingd\)", told)
    assert machine.run("getent", "passwd", "recordingd").said.strip().endswith("nologin")
    wanted = {
        "/etc/recordingd": "755 root root",
        "/etc/recordingd/credentials": "700 root root",
        "/var/lib/recordingd": "750 recordingd recordingd-readers",
        "/var/lib/recordingd/state": "700 recordingd recordingd-readers",
        "/var/lib/recordingd/recordings": "750 recordingd recordingd-readers",
    }
    assert {place: machine.run("stat", "-c", "%a %U %G", place).said.strip() for place in wanted} == wanted


def test_the_command_its_man_page_and_its_completions_are_found(service: Service) -> None:
    machine = service.machine
    assert machine.run("recordingd", "version").said.startswith("recordingd ")
    assert machine.run("man", "-w", "recordingd").said == "/opt/recordingd/share/man/man1/recordingd.1\n"  # by its link
    for file in ("man/man1/recordingd.1", "bash-completion/completions/recordingd", "zsh/site-functions/_recordingd"):
        assert machine.run("test", "-s", f"/usr/local/share/{file}").status == 0
        # A link, so that an upgrade of the program is one of these as well.
        assert (
            machine.run("readlink", "--canonicalize", f"/usr/local/share/{file}").said
            == f"/opt/recordingd/share/{file}\n"
        )


def test_systemd_has_no_word_against_the_units(service: Service) -> None:
    machine = service.machine
    verified = machine.run("systemd-analyze", "verify", "recordingd.service", "recordingd@acme.service")
    # It ends with 0 whatever it warns of.
    assert (verified.said, verified.complaints) == ("", "")


@pytest.mark.parametrize("unit", UNITS)
def test_the_units_are_exposed_no_more_than_promised(service: Service, unit: str) -> None:
    said = service.machine.run(
        "systemd-analyze", "security", "--offline=true", "--no-pager", f"{TREE}/systemd/{unit}", check=False
    ).said
    (level,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said)
    service.tell(f"exposure of {unit}: {level}")
    assert float(level) <= MOST_EXPOSED
