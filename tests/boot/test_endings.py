"""What ends for good, what begins again, and who is told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from daemon import __version__
from tests.boot.service import CONFIG, TREE, UNIT, WHEELS, Service, install, readme

ALERT = "recordingd-alert@recordingd.service"
HOOK = '#!/bin/sh\n{ echo "$@"; cat; } > /srv/alerted\n'
ACME = "recordingd@acme.service"
NEWER = "99.0"
CALLS, OVER = 24, 12
TRAFFIC = ("--wait", "--calls", str(CALLS), "--over", str(OVER), "--speed", "10", "--ready", "1")


@pytest.fixture
def quiet(service: Service) -> Iterator[Service]:
    """Have a stand-in at rest, and nothing of an earlier service's life."""
    service.fresh()
    with service.simulating():
        yield service
    service.machine.run("rm", "-f", "/etc/recordingd/alert", "/srv/alerted")


def _ends_with(service: Service, status: int) -> str:
    """Start the service, which is to end with a status and stay down; give what the hook was told."""
    machine = service.machine
    machine.write("/etc/recordingd/alert", HOOK, 0o755)
    started = machine.run("systemctl", "start", UNIT, check=False)
    assert started.status != 0
    machine.until(lambda: machine.show(UNIT, "ActiveState")["ActiveState"] == "failed", "the failure")
    shown = machine.show(UNIT, "Result", "ExecMainStatus", "NRestarts")
    assert shown == {"Result": "exit-code", "ExecMainStatus": str(status), "NRestarts": "0"}
    machine.until(lambda: machine.show(ALERT, "ActiveState")["ActiveState"] == "inactive", "the alert to end")
    machine.until((machine.root / "srv/alerted").exists, "the hook")
    (alert,) = [entry for entry in machine.journal(ALERT) if entry["PRIORITY"] == "1"]
    service.tell(f"exit {status}: failed, 0 restarts; alert: {alert['MESSAGE']}")
    assert f"{UNIT} is down and stays down: exit-code, status {status}" in alert["MESSAGE"]
    return machine.read("/srv/alerted")


def test_refused_credentials_end_it_for_good_and_somebody_is_told(quiet: Service) -> None:
    quiet.hand_over("jwt", "wrong-but-well-formed")
    told = _ends_with(quiet, 77)
    assert told.startswith(f"{UNIT} exit-code 77\n")
    assert "login.refused" in told
    assert "OAU-" in told


def test_a_wrong_configuration_ends_it_for_good_and_names_the_key(quiet: Service) -> None:
    quiet.machine.write(CONFIG, '[ringcentral]\nclient_id = "app"\n[downloads]\nconcurency = 3\n')
    told = _ends_with(quiet, 78)
    assert 'concurrency"?' in told


def test_a_secret_that_is_missing_ends_it_for_good_and_somebody_is_told(quiet: Service) -> None:
    quiet.machine.run("rm", "/etc/recordingd/credentials/jwt")
    assert _ends_with(quiet, 243).startswith(f"{UNIT} exit-code 243\n")


def test_a_start_that_waits_for_a_login_says_why_and_is_not_cut_short(service: Service) -> None:
    machine = service.machine
    service.fresh()
    with service.simulating("--fault", "account.oauth-down"):
        machine.write(f"/etc/systemd/system/{UNIT}.d/short.conf", "[Service]\nTimeoutStartSec=4\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", "--no-block", UNIT)
        machine.until(lambda: len(machine.events(UNIT, "login.postponed")) >= 2, "a second try", 90)
        shown = machine.show(UNIT, "ActiveState", "StatusText", "NRestarts")
        assert (shown["ActiveState"], shown["NRestarts"]) == ("activating", "0")
        assert "signing in: RingCentral" in shown["StatusText"]
        service.tell(f"RingCentral's login away: {shown['ActiveState']}, STATUS: {shown['StatusText']}")
        machine.run("rm", f"/etc/systemd/system/{UNIT}.d/short.conf")
        machine.run("systemctl", "daemon-reload")


def test_several_accounts_live_side_by_side_and_see_nothing_of_each_other(quiet: Service) -> None:
    machine = quiet.machine
    quiet.configure(path="/etc/recordingd/acme.toml")
    for name in ("client_secret", "jwt"):
        quiet.hand_over(name, machine.read(f"/srv/stand-in/{name}"), "acme/")
    quiet.start()
    quiet.start(ACME)
    assert machine.show(ACME, "ActiveState")["ActiveState"] == "active"
    assert machine.run("ls", "/var/lib/recordingd/acme").said.split() == ["recordings", "state"]
    pid = machine.show(ACME, "MainPID")["MainPID"]
    seen = machine.run("nsenter", "--target", pid, "--mount", "ls", "/var/lib/recordingd").said.split()
    assert seen == ["acme"]
    machine.run("systemctl", "reload", ACME)
    assert machine.events(ACME, "config.reloaded")
    status = machine.run("systemctl", "show", "--property=StatusText", ACME).said
    assert "subscribed; " in status
    quiet.stop(ACME)
    assert json.loads(machine.run("recordingd", "status", "--json", "--config", CONFIG).said)["running"]


def test_doctor_has_the_secrets_in_the_readmes_own_words(quiet: Service) -> None:
    (line,) = readme("recordingd doctor")
    done = quiet.machine.run("bash", "-c", line)
    quiet.tell(f"doctor: {done.said.splitlines()[-1]}")
    assert "client secret                 systemd credential client_secret" in done.said
    assert " 0 " in f" {done.said.count('✗')} "


def test_a_first_start_is_the_readmes_lines(quiet: Service) -> None:
    machine = quiet.machine
    machine.run(
        "sh", "-c", "mkdir -p /srv/first && mv /etc/recordingd/credentials/* /etc/recordingd/config.toml /srv/first/"
    )
    for line in readme("install -m 600 client_secret"):
        machine.run("bash", "-c", f"cd /srv/first && {line}")
    assert machine.show(UNIT, "ActiveState", "UnitFileState") == {"ActiveState": "active", "UnitFileState": "enabled"}
    assert "subscribed; " in machine.show(UNIT, "StatusText")["StatusText"]


def test_an_upgrade_in_traffic_is_the_readmes_lines_and_loses_nothing(service: Service) -> None:
    machine = service.machine
    service.fresh()
    with service.simulating(*TRAFFIC), _newer(service):
        service.start()
        machine.until(lambda: machine.events(UNIT, "recording.archived"), "the first recording")
        for line in readme("pip install --upgrade"):
            machine.run("bash", "-c", f"cd {TREE} && {line}", PIP_NO_INDEX="1", PIP_FIND_LINKS=WHEELS, seconds=300)
        assert machine.show(UNIT, "ActiveState", "Description", "NRestarts") == {
            "ActiveState": "active",
            "Description": "A newer unit",
            "NRestarts": "0",
        }
        assert [event["version"] for event in machine.events(UNIT, "service.started")] == [__version__, NEWER]
        assert machine.run("recordingd", "version").said == f"recordingd {NEWER}\n"
        found = service.everything(CALLS)
        service.tell(f"upgrade in traffic: {CALLS} calls, {found['kept']} recordings, {found['lost']} lost")
        assert found["lost"] == 0
        assert service.truth()["gateway"]["recoveries"].get("Successful", 0) == 1


@contextmanager
def _newer(service: Service) -> Iterator[None]:
    """Let the tree be a newer version with another unit."""
    changes = {
        f"{TREE}/daemon/__init__.py": (f'"{__version__}"', f'"{NEWER}"'),
        f"{TREE}/systemd/{UNIT}": ("Description=Keeps every RingCentral call recording", "Description=A newer unit"),
    }
    before = {path: service.machine.read(path) for path in changes}
    for path, (old, new) in changes.items():
        assert old in before[path]
        service.machine.write(path, before[path].replace(old, new))
    try:
        yield
    finally:
        for path, text in before.items():
            service.machine.write(path, text)


def test_it_is_removed_by_the_readmes_lines_and_leaves_the_recordings(quiet: Service) -> None:
    machine = quiet.machine
    quiet.start()
    for line in readme("systemctl disable --now"):
        machine.run("bash", "-c", line)
    assert machine.run("systemctl", "cat", UNIT, check=False).status != 0
    left = machine.run("find", "/opt", "/usr/local", "/etc", "-name", "*recordingd*", "-not", "-name", "*.d").said
    assert left.split() == ["/etc/recordingd"]  # the operator's own, as the drop-ins are
    assert machine.run("test", "-d", "/var/lib/recordingd/recordings").status == 0
    install(machine)  # for whatever test comes next
