from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from daemon.core.standing import Backlog, Login, Standing, Trouble
from daemon.tasks.troubles import LASTING, Troubles
from tests.fakes.clock import BEGINNING

WELL = Standing(BEGINNING, "subscribed", BEGINNING)


def after(seconds: float, connection: str = "subscribed", overdue: int = 0, refused: str = "") -> Standing:
    at = BEGINNING + timedelta(seconds=seconds)
    return Standing(at, connection, BEGINNING, backlog=Backlog(overdue=overdue), login=Login(0, refused))


def test_what_lasts_is_said_once_and_so_is_its_end() -> None:
    troubles = Troubles()
    with capture_logs() as log:
        for second in range(120):
            troubles.look(after(second, overdue=1))
        troubles.look(after(120))
        troubles.look(after(121))
    assert log == [
        {"event": "trouble.began", "log_level": "warning", "trouble": "overdue", "reason": "1 recording overdue"},
        {"event": "trouble.ended", "log_level": "info", "trouble": "overdue", "seconds": 120.0},
    ]


def test_what_is_over_before_it_has_lasted_is_not_said() -> None:
    troubles = Troubles()
    with capture_logs() as log:
        troubles.look(after(0, connection="waiting"))
        troubles.look(after(LASTING.total_seconds() - 1, connection="connecting"))
        troubles.look(after(LASTING.total_seconds()))
        troubles.look(after(LASTING.total_seconds() + 1, connection="waiting"))
    assert log == []


@pytest.mark.parametrize(("refused", "level"), [("OAU-213", "error"), ("", "warning")])
def test_what_a_person_must_mend_is_an_error(refused: str, level: str) -> None:
    troubles = Troubles()
    with capture_logs() as log:
        for second in (0, LASTING.total_seconds()):
            troubles.look(after(second, overdue=0 if refused else 1, refused=refused))
    (said,) = log
    assert said["log_level"] == level
    assert said["trouble"] == (Trouble.LOGIN_REFUSED if refused else Trouble.OVERDUE).value


def test_the_end_of_the_process_is_no_trouble() -> None:
    troubles = Troubles()
    troubles.look(WELL)
    with capture_logs() as log:
        for second in (0, 600):
            troubles.look(after(second, connection="stopping"))
    assert log == []
