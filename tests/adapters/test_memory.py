"""However many threads there are, glibc's arenas are few; what it says of itself is asked of a process of its own."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.adapters.memory import ARENAS

PROGRAM = """
import ctypes, sys, threading
if sys.argv[2] == "few":
    from daemon.adapters.memory import few_arenas
    few_arenas()
barrier = threading.Barrier(12)
def allocate():
    barrier.wait()
    kept = [bytes(1000) for _ in range(1000)]
    barrier.wait()
threads = [threading.Thread(target=allocate) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
@pytest.mark.parametrize(("how", "is_few"), [("few", True), ("as ever", False)])
def test_threads_share_a_few_arenas(tmp_path: Path, how: str, *, is_few: bool) -> None:
    told = tmp_path / "arenas.xml"
    environ = {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", PROGRAM, str(told), how], check=True, env=environ)  # noqa: S603  our own words
    assert (told.read_text().count("<heap nr=") <= ARENAS) is is_few
