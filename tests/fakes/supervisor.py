"""The service manager, and what it was told."""


class FakeSupervisor:
    """Fits `ports.Supervisor`.

    Attributes:
        told: Everything that was said, in order, as words.
        is_busy: Whether it does not listen now.
    """

    def __init__(self, patience: float | None = None) -> None:
        self.patience = patience
        self.told: list[str] = []
        self.is_busy = False

    def tell(self, *words: str) -> bool:
        if self.is_busy:
            return False
        self.told += words
        return True

    def said(self, name: str) -> list[str]:
        """Give the values said of a name."""
        return [value for word in self.told for key, _, value in [word.partition("=")] if key == name]
