"""The notice, kept in a list."""

from daemon.ports import Moment


class FakeNotice:
    """Fits `ports.Notice`."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    async def post(self, moment: Moment) -> None:
        self.moments.append(moment)
