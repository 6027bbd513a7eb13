"""How to get at a recording: the media host, the call log, or the one and then the other."""

from enum import Enum


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

    def looks_up_after(self, code: str, attempt: int) -> bool:
        """Say whether a failure of the media host is taken to the call log.

        A first 404 nearly always means "not ready yet", for which the call log has no better answer and costs a
        request of the ten a minute; so that one is simply asked again.

        Args:
            code: Of the failure, as `Retryable.code`.
            attempt: Which try it was, from 1.
        """
        return self is Strategy.HYBRID and not (code == "404" and attempt == 1)
