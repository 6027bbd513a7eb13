"""The service's life under a real systemd: ready, reloaded, hung, killed, stopped, and nothing lost by any of it."""

import json
import os
import stat
import time
from collections.abc import Iterator

import pytest

from daemon.app import GRACE
from tests.boot.service import CONFIG, UNIT, WATCHED, Service

CALLS, OVER = 60, 25
TRAFFIC = ("--wait", "--calls", str(CALLS), "--over", str(OVER), "--speed", "10", "--ready", "1")


@pytest.fixture(scope="module", autouse=True)
def living(service: Service) -> Iterator[None]:
    """Have the service run in traffic; the tests of this module are stations of one life."""
    service.fresh()
    with service.simulating(*TRAFFIC):
        seconds = service.start()
        # Before it was ready, `systemctl start` had not come back.
        subscribed = service.machine.events(UNIT, "gateway.subscribed")
        service.tell(f"systemctl start came back after {seconds:.2f} s, subscribed")
        assert subscribed
        yield


def _status(service: Service) -> str:
    return service.machine.show(UNIT, "StatusText")["StatusText"]


def _archived(service: Service, more: int = 1) -> None:
    """Wait until so many more recordings are archived."""
    before = len(service.machine.events(UNIT, "recording.archived"))
    service.machine.until(
        lambda: len(service.machine.events(UNIT, "recording.archived")) >= before + more, f"{more} more recordings"
    )


def test_ready_says_how_it_stands(service: Service) -> None:
    assert service.machine.show(UNIT, "ActiveState", "SubState") == {"ActiveState": "active", "SubState": "running"}
    _archived(service, 3)
    service.machine.until(lambda: "; last archived " in _status(service), "a status")
    service.tell(f"STATUS: {_status(service)}")
    assert _status(service).startswith("subscribed; ")
    assert 'Status: "subscribed; ' in service.machine.run("systemctl", "status", UNIT).said


def test_recordings_belong_to_the_service_and_its_readers(service: Service) -> None:
    machine = service.machine
    listed = machine.run("find", "/var/lib/recordingd/recordings", "-printf", "%y %m %u %g %p\n").said.splitlines()
    kinds = {tuple(line.split(" ")[:4]) for line in listed if "/.partial" not in line}
    assert kinds == {("f", "640", "recordingd", "recordingd-readers"), ("d", "750", "recordingd", "recordingd-readers")}
    a_file = next(line.split(" ", 4)[4] for line in listed if line.endswith(".json"))
    read = ("setpriv", "--reuid=nobody", "--regid=nogroup")
    readers = machine.run("getent", "group", "recordingd-readers").said.split(":")[2]
    assert machine.run(*read, f"--groups={readers}", "cat", a_file).said.startswith("{")
    assert machine.run(*read, "--clear-groups", "cat", a_file, check=False).status != 0
    for secret in ("ledger.db", "oauth.json"):
        path = f"/var/lib/recordingd/state/{secret}"
        assert machine.run(*read, f"--groups={readers}", "cat", path, check=False).status != 0
    assert stat.S_IMODE((machine.root / "var/lib/recordingd/state/ledger.db").stat().st_mode) == 0o600


def test_secrets_are_handed_over_and_stand_in_no_environment_and_no_log(service: Service) -> None:
    pid = service.machine.show(UNIT, "MainPID")["MainPID"]
    environment = service.machine.run("cat", f"/proc/{pid}/environ").said
    secrets = [service.machine.read(f"/etc/recordingd/credentials/{name}").strip() for name in ("client_secret", "jwt")]
    assert "CREDENTIALS_DIRECTORY=/run/credentials/recordingd.service" in environment
    lines = json.dumps(service.machine.journal(UNIT))
    command = service.machine.run("cat", f"/proc/{pid}/cmdline").said
    assert not any(secret in text for secret in secrets for text in (environment, lines, command))


def test_a_reload_waits_and_a_bad_one_fails_and_changes_nothing(service: Service) -> None:
    machine = service.machine
    service.configure('\n[log]\nlevel = "debug"\n[downloads]\nconcurrency = 5\n')
    good = machine.run("systemctl", "reload", UNIT)
    (reloaded,) = machine.events(UNIT, "config.reloaded")
    assert reloaded["changed"] == ["downloads.concurrency", "log.level"]
    service.configure("\n[downloads]\nconcurency = 5\n")
    bad = machine.run("systemctl", "reload", UNIT, check=False)
    assert bad.status != 0
    machine.until(lambda: machine.events(UNIT, "config.refused"), "the refusal to be logged")
    assert 'did you mean "concurrency"?' in machine.events(UNIT, "config.refused")[0]["problems"][0]
    machine.until(lambda: _status(service).startswith("the last reload was refused: "), "the status to say so")
    service.tell(f"reload: good one {good.seconds:.2f} s; bad one fails after {bad.seconds:.2f} s")
    service.tell(f"STATUS: {_status(service)}")
    assert machine.show(UNIT, "ActiveState")["ActiveState"] == "active"
    service.configure()
    machine.run("systemctl", "reload", UNIT)
    machine.until(lambda: _status(service).startswith("subscribed; "), "the status to be well again")


def test_a_secret_is_changed_by_a_reload(service: Service) -> None:
    machine = service.machine
    right = machine.read("/etc/recordingd/credentials/jwt")
    service.hand_over("jwt", "wrong-but-well-formed")
    refused = machine.run("systemctl", "reload", UNIT, check=False)
    assert refused.status != 0
    assert "the new credentials: " in machine.events(UNIT, "config.refused")[-1]["problems"][0]
    service.hand_over("jwt", right)
    machine.run("systemctl", "reload", UNIT)
    service.tell("rotation: a wrong JWT is refused by systemctl reload, the right one is taken")
    assert machine.show(UNIT, "ActiveState")["ActiveState"] == "active"
    assert machine.run("stat", "-c", "%a %U", "/run/recordingd/jwt").said.strip() == "400 recordingd"


def test_a_hung_process_is_restarted_with_every_threads_stack_in_the_journal(service: Service) -> None:
    before, began = service.restarts(), time.monotonic()
    service.machine.run("systemctl", "kill", "--signal=STOP", "--kill-whom=main", UNIT)
    service.machine.until(lambda: service.restarts() > before, "the watchdog")
    noticed = time.monotonic() - began
    service.machine.until(lambda: _status(service).startswith("subscribed; "), "a subscription after it")
    said = [str(entry.get("MESSAGE")) for entry in service.machine.journal(UNIT)]
    service.tell(f"SIGSTOP, watchdog of {WATCHED} s: restarted after {noticed:.1f} s, all stacks in the journal")
    assert any("Watchdog timeout" in line for line in said)
    assert "Fatal Python error: Aborted" in said
    assert sum(line.startswith(("Thread 0x", "Current thread 0x")) for line in said) > 1
    assert "run" in " ".join(said)


def test_a_killed_process_is_restarted_and_resumes_its_session(service: Service) -> None:
    before = service.restarts()
    service.machine.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", UNIT)
    service.machine.until(lambda: service.restarts() > before, "the restart")
    service.machine.until(lambda: _status(service).startswith("subscribed; "), "a subscription after it")
    service.tell("SIGKILL: restarted")


def test_a_restart_in_traffic_is_an_upgrade_without_a_lost_event(service: Service) -> None:
    before = service.truth()["gateway"]["recoveries"].get("Successful", 0)
    seconds = service.machine.run("systemctl", "restart", UNIT).seconds
    service.machine.until(
        lambda: service.truth()["gateway"]["recoveries"].get("Successful", 0) > before, "the session to be resumed"
    )
    service.tell(f"systemctl restart in traffic: {seconds:.2f} s, the session is resumed")


def test_nothing_of_all_that_was_lost(service: Service) -> None:
    found = service.everything(CALLS)
    truth = service.truth()
    assert found["lost"] == 0
    assert truth["violations"] == dict.fromkeys(truth["violations"], 0)
    service.tell(
        f"{CALLS} calls, {found['kept']} recordings kept by RingCentral, {found['lost']} lost, over two unplanned "
        f"restarts and a planned one; {truth['oauth']}, requests {truth['requests']['by_group']}"
    )


def test_the_journal_has_priorities_and_fields(service: Service) -> None:
    entries = service.machine.journal(UNIT)
    ours = [(e["PRIORITY"], json.loads(e["MESSAGE"])) for e in entries if str(e.get("MESSAGE", "")).startswith("{")]
    numbers = {"debug": "7", "info": "6", "warning": "4", "error": "3", "critical": "2"}
    assert ours
    assert all(priority == numbers[event["level"]] for priority, event in ours)
    warnings = service.machine.journal(UNIT, "--priority=warning")
    assert {entry["PRIORITY"] for entry in warnings} <= {"4", "3", "2", "1", "0"}
    assert any("config.refused" in str(entry["MESSAGE"]) for entry in warnings)
    cat = service.machine.run("journalctl", "-u", "recordingd", "-o", "cat", "--no-pager").said.splitlines()
    assert all(isinstance(json.loads(line), dict) for line in cat if line.startswith("{"))
    assert not any(line.startswith("<") for line in cat)
    assert {entry["_SYSTEMD_UNIT"] for entry in entries if entry.get("SYSLOG_IDENTIFIER") == "recordingd"} == {UNIT}
    assert os.fspath(CONFIG) in json.dumps(entries)


def test_a_stop_drains(service: Service) -> None:
    seconds = service.machine.run("systemctl", "stop", UNIT).seconds
    assert service.machine.show(UNIT, "Result", "ActiveState") == {"Result": "success", "ActiveState": "inactive"}
    assert seconds < GRACE + 10
    assert service.machine.events(UNIT, "service.stopped")
    # What was too short waits for the call log to say so; nothing is half done.
    assert set(service.listed().values()) <= {"archived", "absent", "due"}
    assert service.machine.run("ls", "/var/lib/recordingd/recordings/.partial").said == ""
    service.tell(f"systemctl stop: {seconds:.2f} s, drained")
