"""What Prometheus would read from a text."""

from collections.abc import Mapping
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from daemon.adapters.metrics import Metrics
from daemon.core.coverage import Kind
from daemon.core.happenings import (
    Abandoned,
    Absent,
    Answered,
    Archived,
    Found,
    Happening,
    Lost,
    Notified,
    Penalised,
    Pinged,
    Postponed,
    Seen,
)
from daemon.core.recording import Source, State
from daemon.core.reserve import Free, Least
from daemon.core.standing import Allowance, Backlog, Disk, Login, Standing
from tests.fakes.clock import BEGINNING

Figures = Mapping[str, float]
"""Values by name and labels, `name{label="value"}`."""

STANDING = Standing(
    at=BEGINNING,
    connection="subscribed",
    since=BEGINNING,
    login=Login(3000.0),
    calls=3,
    fetching=2,
    notified_at=BEGINNING - timedelta(seconds=7),
    backlog=Backlog(
        counts={State.EXPECTED: 4, State.DUE: 2},
        waiting_since=BEGINNING - timedelta(days=2),
        overdue=1,
        last_archived_at=BEGINNING - timedelta(seconds=60),
        gaps=2,
    ),
    disks={"archive": Disk(Free(9000), Least(1000)), "state": Disk(None, Least(500))},
    quota={"heavy": Allowance(10, 4, 12.5), "light": Allowance(50, 50)},
)
EVERYTHING: tuple[Happening, ...] = (
    Notified(),
    Seen(Source.EVENT, 3),
    Found(Kind.GAP, 2),
    Archived(1000, 7.5),
    Absent("deleted"),
    Abandoned(),
    Postponed("404"),
    Lost("1006"),
    Answered("heavy", 429),
    Penalised("heavy"),
    Pinged(is_well=True),
)
"""One of each kind."""


def counted(*happenings: Happening) -> Metrics:
    """Count some."""
    metrics = Metrics()
    for happening in happenings:
        metrics.note(happening)
    return metrics


def read(text: bytes) -> Figures:
    """Read a text as Prometheus does."""
    families = text_string_to_metric_families(text.decode())
    return {sample.name + _labels(sample.labels): sample.value for family in families for sample in family.samples}


def figures(*happenings: Happening, standing: Standing = STANDING) -> Figures:
    """Give the figures after some happenings."""
    return read(counted(*happenings).text(standing))


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}" if labels else ""
