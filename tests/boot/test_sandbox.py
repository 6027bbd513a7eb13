"""What the unit's sandbox denies: tried by a process that has everything the daemon has, and nothing else."""

import json

import pytest

from tests.boot.service import PYTHON, UNIT, Service

PROBE = """
import ctypes, json, mmap, os, socket, subprocess, sys

def tried(work):
    try:
        return f"allowed: {work()!r}"[:200]
    except BaseException as error:
        return f"denied: {type(error).__name__}"

def write(path):
    with open(path, "w") as file:
        file.write("x")

def become_root():
    os.setuid(0)

def set_a_user_id_bit():
    path = "/var/lib/recordingd/state/suid"
    write(path)
    os.chmod(path, 0o4755)

def writable_code():
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)

def new_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")

def mount():
    if ctypes.CDLL(None, use_errno=True).mount(b"none", b"/tmp", b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")

def trace_init():
    if ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")

def raw_packets():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)

def netlink():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)

def realtime():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))

def gain_by_suid():
    said = subprocess.run(["/usr/bin/su", "-c", "id -u"], capture_output=True, text=True)
    if said.stdout.strip() != "0":
        raise PermissionError
    return said.stdout

def others():
    seen = [name for name in os.listdir("/proc") if name.isdigit() and name != str(os.getpid())]
    if not seen:
        raise PermissionError
    return seen

good = {
    "its state": lambda: write("/var/lib/recordingd/state/probe"),
    "its archive": lambda: write("/var/lib/recordingd/recordings/probe"),
    "a temporary file of its own": lambda: write("/tmp/probe"),
    "a secret that was handed over": lambda: bool(open(os.environ["CREDENTIALS_DIRECTORY"] + "/jwt").read()),
    "a connection": lambda: socket.create_server(("127.0.0.1", 0)).close(),
    "threads": lambda: __import__("threading").Thread(target=int).start(),
    "its figures": lambda: bool(open("/proc/self/stat").read() and open("/proc/stat").read()),
}
bad = {
    "write /etc": lambda: write("/etc/recordingd/probe"),
    "write its configuration": lambda: write("/etc/recordingd/config.toml"),
    "write its own program": lambda: write("/opt/recordingd/bin/recordingd"),
    "write /usr": lambda: write("/usr/probe"),
    "write /var/lib": lambda: write("/var/lib/probe"),
    "write /var/log": lambda: write("/var/log/probe"),
    "read the secrets where root keeps them": lambda: os.listdir("/etc/recordingd/credentials"),
    "read /etc/shadow": lambda: open("/etc/shadow").read(),
    "read a home": lambda: os.listdir("/root"),
    "see other processes": others,
    "become root": become_root,
    "gain privileges by a suid program": gain_by_suid,
    "make a suid program": set_a_user_id_bit,
    "map memory writable and executable": writable_code,
    "open a namespace": new_namespace,
    "mount": mount,
    "trace the first process": trace_init,
    "send raw packets": raw_packets,
    "speak netlink": netlink,
    "run in real time": realtime,
    "set the clock": lambda: __import__("time").clock_settime(0, 0),
    "read the kernel's log": lambda: open("/dev/kmsg").read(1),
    "open a disk": lambda: open("/dev/vda", "rb"),
    "change the kernel": lambda: write("/proc/sys/kernel/hostname"),
    "change the control groups": lambda: os.mkdir("/sys/fs/cgroup/probe"),
}
print(json.dumps({"good": {k: tried(v) for k, v in good.items()}, "bad": {k: tried(v) for k, v in bad.items()}}))
"""


@pytest.fixture(scope="module")
def said(service: Service) -> dict[str, dict[str, str]]:
    """Run the probe in a unit that is the service's to the letter, but for what it starts."""
    machine = service.machine
    machine.write("/srv/probe/probe.py", PROBE)
    machine.run("chmod", "-R", "a+rX", "/srv/probe")
    for name in ("client_secret", "jwt"):
        service.hand_over(name, "only-a-probe\n")
    other = ("ExecReload=", "ExecStart=", "Type=", "Restart", "WatchdogSec=", "OnFailure=")
    unit = machine.read(f"/etc/systemd/system/{UNIT}").replace("\\\n", "").splitlines()
    lines = [line for line in unit if not line.startswith(other)]
    start = lines.index("[Service]") + 1
    text = "\n".join([*lines[:start], "Type=oneshot", f"ExecStart={PYTHON} /srv/probe/probe.py", *lines[start:]])
    machine.write("/etc/systemd/system/probe.service", text)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "probe.service")
    (line,) = [e["MESSAGE"] for e in machine.journal("probe.service") if str(e.get("MESSAGE", "")).startswith("{")]
    found: dict[str, dict[str, str]] = json.loads(line)
    return found


def test_what_the_daemon_needs_is_there(said: dict[str, dict[str, str]]) -> None:
    assert {what: word for what, word in said["good"].items() if not word.startswith("allowed")} == {}


def test_what_it_does_not_need_is_denied(service: Service, said: dict[str, dict[str, str]]) -> None:
    service.tell("denied by the sandbox: " + "; ".join(said["bad"]))
    assert {what: word for what, word in said["bad"].items() if not word.startswith("denied")} == {}


def test_an_ordinary_account_could_do_some_of_that(service: Service, said: dict[str, dict[str, str]]) -> None:
    account = ("setpriv", "--reuid=recordingd", "--regid=recordingd-readers", "--clear-groups")
    credentials = "CREDENTIALS_DIRECTORY=/srv/probe"
    done = service.machine.run(*account, "env", credentials, PYTHON, "/srv/probe/probe.py")
    allowed = {what for what, word in json.loads(done.said)["bad"].items() if word.startswith("allowed")}
    assert allowed >= {
        "see other processes",
        "map memory writable and executable",
        "speak netlink",
        "make a suid program",
    }
    assert not allowed & {what for what, word in said["bad"].items() if word.startswith("allowed")}
