"""What is wrong, logged in the words of all other channels: once when it has lasted, and once when it is over."""

from datetime import datetime, timedelta

import structlog

from daemon.core.standing import Standing, Trouble, complaints

log = structlog.get_logger("daemon.service")

LASTING = timedelta(seconds=30)
"""A connection that is lost and made again in the meantime has lines of its own, and is no trouble."""
GRAVE = frozenset({Trouble.STALLED, Trouble.LOGIN_REFUSED, Trouble.DISK_LOW})
"""What does not get better before a person acts."""
QUIET = frozenset({"stopping", "stopped"})


class Troubles:
    """Those that are there, since when, and whether that was said."""

    def __init__(self) -> None:
        self._since: dict[Trouble, datetime] = {}
        self._said: set[Trouble] = set()

    def look(self, standing: Standing) -> None:
        """Compare with what was there before, and say what is new or over."""
        if standing.connection in QUIET:
            return
        found = {complaint.trouble: complaint.words for complaint in complaints(standing)}
        for trouble in [one for one in self._since if one not in found]:
            since = self._since.pop(trouble)
            if trouble in self._said:
                self._said.remove(trouble)
                seconds = (standing.at - since).total_seconds()
                log.info("trouble.ended", trouble=trouble.value, seconds=round(seconds, 3))
        for trouble, words in found.items():
            since = self._since.setdefault(trouble, standing.at)
            if trouble not in self._said and standing.at - since >= LASTING:
                self._said.add(trouble)
                if trouble in GRAVE:
                    log.error("trouble.began", trouble=trouble.value, reason=words)
                else:
                    log.warning("trouble.began", trouble=trouble.value, reason=words)
