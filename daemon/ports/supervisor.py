"""Whoever started us, and starts us again."""

from typing import Protocol


class Supervisor(Protocol):
    """The service manager: systemd, or nobody.

    Attributes:
        patience: Seconds within which it wants a sign of life, or kills us; None where it wants none.
    """

    @property
    def patience(self) -> float | None: ...

    def tell(self, *words: str) -> bool:
        """Say words as sd_notify(3) has them, `READY=1` or `STATUS=…`; False where it is too busy to listen now."""
        ...
