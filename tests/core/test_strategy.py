"""Which of the two is asked, the media host or the call log, and when."""

import pytest

from daemon.core.strategy import Strategy


@pytest.mark.parametrize(("word", "first"), [("call-log", True), ("direct", False), ("hybrid", False)])
def test_only_one_strategy_looks_up_first(word: str, first: bool) -> None:  # noqa: FBT001
    assert Strategy(word).looks_up_first is first


@pytest.mark.parametrize("is_stored", [False, True])
@pytest.mark.parametrize(
    ("code", "attempt", "wanted"),
    [("404", 1, False), ("404", 2, True), ("404", 50, True), ("403", 1, True), ("503", 1, True), ("timeout", 1, True)],
)
def test_hybrid_looks_up_what_fails_except_for_the_first_404(
    code: str, attempt: int, *, wanted: bool, is_stored: bool
) -> None:
    assert Strategy.HYBRID.looks_up_after(code, attempt, is_stored=is_stored) is wanted
    assert not Strategy.DIRECT.looks_up_after(code, attempt, is_stored=is_stored)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [("404", True), ("410", True), ("connect", True), ("foreign host", True), ("503", False), ("cut", False)],
)
def test_call_log_looks_up_again_what_may_have_moved_since(code: str, *, wanted: bool) -> None:
    assert Strategy.CALL_LOG.looks_up_after(code, 1, is_stored=True) is wanted
    assert not Strategy.CALL_LOG.looks_up_after(code, 1, is_stored=False)
