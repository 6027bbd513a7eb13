"""How to get at a recording: the media host, the call log, or the one and then the other."""

from enum import Enum
from typing import assert_never


class Strategy(Enum):
    """As configured under `downloads.strategy`."""

    CALL_LOG = "call-log"
    """Look it up, then fetch it from where the call log says."""

    DIRECT = "direct"
    """Fetch it by a URL built from its id; never look anything up."""

    HYBRID = "hybrid"
    """Directly; where that fails, by the call log."""

    @property
    def looks_up_first(self) -> bool:
        """Whether the call log is asked before the media host."""
        return self is Strategy.CALL_LOG

    def looks_up_after(self, code: str, attempt: int, *, is_stored: bool) -> bool:
        """Say whether a failure of the media host is taken to the call log.

        A first 404 nearly always means "not ready yet", for which the call log has no better answer and costs a
        request of the ten a minute; so that one is simply asked again.

        Args:
            code: Of the failure, as `Retryable.code`.
            attempt: Which try it was, from 1.
            is_stored: Whether the place that failed is one that the call log named at an earlier try.
        """
        match self:
            case Strategy.HYBRID:
                return not (code == "404" and attempt == 1)
            case Strategy.CALL_LOG:
                return is_stored and code in _MOVED
            case Strategy.DIRECT:
                return False
            case _:
                assert_never(self)


FOREIGN_HOST = "foreign host"
"""The code of a place that is not asked, because the token must not go there."""
_MOVED = frozenset({"404", "410", "connect", FOREIGN_HOST})
"""The codes after which a place may be out of date: nothing there, nobody there, or nobody to be asked."""
