"""A recording's states and the ending of its file."""

import pytest

from daemon.core.audio import Audio
from daemon.core.recording import OPEN_STATES, State, ending


@pytest.mark.parametrize(
    ("path", "audio", "expected"),
    [("2025/a", Audio.MP3, "2025/a.mp3"), ("a.b", Audio.WAV, "a.b.wav"), ("a.mp3", Audio.MP3, "a.mp3.mp3")],
)
def test_a_file_has_the_ending_of_its_kind(path: str, audio: Audio, expected: str) -> None:
    assert ending(path, audio) == expected


def test_the_states_are_the_words_of_the_design_and_none_is_failed() -> None:
    assert [state.value for state in State] == [
        *("expected", "due", "fetching", "publishing", "archived", "absent", "abandoned")
    ]


def test_a_recording_owes_a_file_until_it_is_archived_absent_or_abandoned() -> None:
    assert set(State) - set(OPEN_STATES) == {State.ARCHIVED, State.ABSENT, State.ABANDONED}
