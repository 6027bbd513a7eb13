"""Is a daemon at work on this state directory, and is its word fresh?"""

from datetime import UTC, datetime

from daemon.adapters import lock, notice
from daemon.cli.doctor.finding import Finding, Mark, good, warning
from daemon.cli.status import STALE
from daemon.config import Config

CHECK = "running daemon"


def examine(config: Config) -> Finding:
    """Tell what the lock and the daemon's own word say."""
    pid = lock.holder(config.state.directory)
    if pid is None:
        return Finding(CHECK, Mark.UNKNOWN, "none on this state directory")
    moment = notice.read(config.state.directory)
    if moment is None:
        return warning(CHECK, f"process {pid}, has not said anything yet", "ask again in ten seconds")
    seconds = (datetime.now(UTC) - moment.at).total_seconds()
    detail = f"process {pid}, {moment.connection}, said so {max(seconds, 0):.0f} s ago"
    if seconds > STALE.total_seconds():
        return warning(CHECK, detail, "it hangs, or cannot write: see its log")
    return good(CHECK, detail)
