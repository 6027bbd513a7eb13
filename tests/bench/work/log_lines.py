"""What a log line costs whoever logs it; lines come in bursts, with time between them for whoever writes them."""

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from daemon import logs
from tests.bench.work import carry_out
from tests.bench.work.ours import log_to

BURST, PAUSE = 100, 0.003
FIELDS: Mapping[str, object] = {
    "recording_id": "401547458008",
    "telephony_session_id": "s-a0d2bd0cd0a14f0db5d2d8b0e2ff1f3e",
    "session_id": "429182699016",
    "attempt": 1,
    "path": "/var/lib/recordingd/recordings/2026/01/31/120000_Inbound_+14155550100_+16505550100_401547458008.mp3",
    "bytes": 480_044,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "source": "event",
    "latency_seconds": 5.214,
}


class Formatter(logging.Formatter):
    """The usual JSON formatter: time, level, logger, message and fields."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "timestamp": self.formatTime(record),
                "level": record.levelname.lower(),
                "logger": record.name,
                "event": record.getMessage(),
                **getattr(record, "fields", {}),
            }
        )


def ours() -> Callable[[], object]:
    """Log by the daemon's own loggers."""
    log = structlog.get_logger("daemon.recordings")
    return lambda: log.info("recording.archived", **FIELDS)


def theirs(handler: logging.Handler) -> Callable[[], object]:
    """Log by the standard library."""
    handler.setFormatter(Formatter())
    log = logging.getLogger("bench")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    return lambda: log.info("recording.archived", extra={"fields": FIELDS})


def job(how: str, lines: int) -> Mapping[str, float]:
    """Measure one way: of the thread that logs, and of the process."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        if how == "ours":
            log_to(nowhere)
        write = ours() if how == "ours" else theirs(logging.StreamHandler(nowhere))
        for _ in range(BURST):
            write()
        mine, cpu = 0.0, time.process_time()
        for _ in range(lines // BURST):
            began = time.thread_time()
            for _ in range(BURST):
                write()
            mine += time.thread_time() - began
            time.sleep(PAUSE)
        logs.reset()
        cpu = time.process_time() - cpu
    return {"us": 1e6 * mine / lines, "cpu": 1e6 * cpu / lines}


if __name__ == "__main__":
    carry_out(job)
