"""What an archive promises; the fake and the real one alike."""

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath

import orjson
import pytest

from daemon.app.world import Store
from daemon.core.audio import Audio
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId
from daemon.core.recording import Job, Publication, Sealed, Sidecar, Source
from daemon.errors import Retryable
from tests.contracts.conftest import Shelf
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import session, session_id

ID = RecordingId("11")
PATH = PurePosixPath("2026/01/31/call_11")
SOUND = b"ID3" + bytes(range(256)) * 20


async def sealed(archive: Store, content: bytes = SOUND, recording: RecordingId = ID) -> Sealed:
    """Write a temporary file to its end."""
    async with archive.draft(recording) as draft:
        await draft.write(content[:100])
        await draft.write(content[100:])
        return await draft.seal()


async def published(archive: Store, content: bytes = SOUND, path: PurePosixPath = PATH) -> Publication:
    """Take a file all the way to its final name."""
    done = await sealed(archive, content)
    publication = Publication(done, await archive.place(path, Audio.MP3, ID), "audio/mpeg")
    await archive.publish(publication)
    return publication


def sidecar(publication: Publication) -> Sidecar:
    facts = CallFacts(session("1"), session_id("1"), direction="Inbound")
    job = Job(ID, facts, Source.EVENT, 1, BEGINNING, BEGINNING, BEGINNING)
    return Sidecar(job, publication, BEGINNING)


async def test_what_was_written_is_what_is_measured_and_what_is_kept(shelf: Shelf) -> None:
    publication = await published(shelf.archive)
    assert publication.sealed.bytes == len(SOUND)
    assert publication.sealed.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert shelf.files() == {f"{PATH}.mp3": SOUND}
    assert shelf.partials() == {}


async def test_nothing_has_a_final_name_before_it_is_published(shelf: Shelf) -> None:
    archive = shelf.archive
    async with archive.draft(ID) as draft:
        await draft.write(SOUND)
        assert shelf.files() == {}
        done = await draft.seal()
    path = await archive.place(PATH, Audio.MP3, ID)
    assert shelf.files() == {}
    assert shelf.partials() == {done.partial: SOUND}
    await archive.publish(Publication(done, path, "audio/mpeg"))
    assert shelf.files().keys() == {path}


async def test_a_draft_left_without_a_seal_vanishes(shelf: Shelf) -> None:
    async with shelf.archive.draft(ID) as draft:
        await draft.write(SOUND)
    assert shelf.partials() == {}


async def test_a_draft_that_an_error_ends_vanishes(shelf: Shelf) -> None:
    async def breaks_off() -> None:
        async with shelf.archive.draft(ID) as draft:
            await draft.write(SOUND)
            raise Retryable("the content broke off")

    with pytest.raises(Retryable, match="broke off"):
        await breaks_off()
    assert shelf.partials() == {}


async def test_two_drafts_of_one_recording_do_not_meet(shelf: Shelf) -> None:
    archive = shelf.archive
    async with archive.draft(ID) as one, archive.draft(ID) as other:
        await one.write(b"one")
        await other.write(b"other")
        seals = [await one.seal(), await other.seal()]
    assert {shelf.partials()[seal.partial] for seal in seals} == {b"one", b"other"}


async def test_a_sealed_file_that_is_not_wanted_is_discarded(shelf: Shelf) -> None:
    done = await sealed(shelf.archive)
    await shelf.archive.discard(done)
    assert shelf.partials() == {}
    await shelf.archive.discard(done)  # once more does no harm


async def test_a_final_file_is_never_overwritten(shelf: Shelf) -> None:
    first = await published(shelf.archive)
    done = await sealed(shelf.archive, b"ID3 something else")
    with pytest.raises(Retryable):
        await shelf.archive.publish(Publication(done, first.path, "audio/mpeg"))
    assert shelf.files() == {first.path: SOUND}


@pytest.mark.parametrize(("audio", "ending"), [(Audio.MP3, "mp3"), (Audio.WAV, "wav")])
async def test_the_kind_decides_the_ending(shelf: Shelf, audio: Audio, ending: str) -> None:
    assert await shelf.archive.place(PATH, audio, ID) == f"{PATH}.{ending}"


@pytest.mark.parametrize("taken", ["mp3", "wav", "json"])
async def test_a_name_that_is_taken_gets_the_id_and_then_a_number(shelf: Shelf, taken: str) -> None:
    shelf.put(f"{PATH}.{taken}", b"somebody's")
    assert await shelf.archive.place(PATH, Audio.MP3, ID) == f"{PATH}_11.mp3"
    shelf.put(f"{PATH}_11.{taken}", b"somebody's")
    assert await shelf.archive.place(PATH, Audio.MP3, ID) == f"{PATH}_11_2.mp3"
    shelf.put(f"{PATH}_11_2.{taken}", b"somebody's")
    assert await shelf.archive.place(PATH, Audio.MP3, ID) == f"{PATH}_11_3.mp3"


async def test_two_that_are_on_their_way_to_one_name_get_two(shelf: Shelf) -> None:
    archive = shelf.archive
    names = [await archive.place(PATH, Audio.MP3, RecordingId(one)) for one in ("11", "12", "12")]
    assert names == [f"{PATH}.mp3", f"{PATH}_12.mp3", f"{PATH}_12_2.mp3"]


async def test_a_seal_can_choose_the_name_too(shelf: Shelf) -> None:
    shelf.put(f"{PATH}_11.json", b"somebody's")
    for wanted in (f"{PATH}.mp3", f"{PATH}_11_2.mp3", f"{PATH}_11_3.mp3"):
        async with shelf.archive.draft(ID) as draft:
            await draft.write(SOUND)
            done, path = await draft.seal_for(PATH, Audio.MP3)
        assert path == wanted
        assert shelf.partials()[done.partial] == SOUND
    await shelf.archive.publish(Publication(done, path, "audio/mpeg"))
    assert shelf.files()[path] == SOUND


async def test_a_name_whose_publication_failed_is_free_again(shelf: Shelf) -> None:
    archive = shelf.archive
    path = await archive.place(PATH, Audio.MP3, ID)
    with pytest.raises(Retryable):
        await archive.publish(Publication(Sealed("never-written", 1, "abc"), path, "audio/mpeg"))
    assert await archive.place(PATH, Audio.MP3, ID) == path


async def test_the_sidecar_stands_beside_its_file_and_says_what_is_known(shelf: Shelf) -> None:
    publication = await published(shelf.archive)
    await shelf.archive.describe(sidecar(publication))
    body = orjson.loads(shelf.files()[f"{PATH}.json"])
    assert body["recording_id"] == "11"
    assert body["call"]["telephony_session_id"] == "s-1"
    assert (body["bytes"], body["sha256"]) == (publication.sealed.bytes, publication.sealed.sha256)
    assert (body["content_type"], body["source"]) == ("audio/mpeg", "event")
    assert body["archived_at"] == "2026-01-31T12:00:00Z"
    assert shelf.partials() == {}


async def test_a_sidecar_is_completed_later(shelf: Shelf) -> None:
    publication = await published(shelf.archive)
    first = sidecar(publication)
    await shelf.archive.describe(first)
    await shelf.archive.describe(replace(first, job=replace(first.job, call_log={"result": "Accepted"})))
    assert orjson.loads(shelf.files()[f"{PATH}.json"])["call_log"] == {"result": "Accepted"}
    assert shelf.files()[publication.path] == SOUND


async def test_what_was_published_before_the_crash_settles_as_it_is(shelf: Shelf) -> None:
    publication = await published(shelf.archive)
    assert await shelf.archive.settle(publication)
    assert shelf.files() == {publication.path: SOUND}


async def test_what_was_sealed_before_the_crash_is_published(shelf: Shelf) -> None:
    publication = Publication(await sealed(shelf.archive), f"{PATH}.mp3", "audio/mpeg")
    assert await shelf.archive.settle(publication)
    assert shelf.files() == {publication.path: SOUND}
    assert shelf.partials() == {}


async def test_a_final_file_with_its_temporary_one_still_there_settles_as_one(shelf: Shelf) -> None:
    publication = Publication(await sealed(shelf.archive), f"{PATH}.mp3", "audio/mpeg")
    shelf.put(publication.path, SOUND)
    assert await shelf.archive.settle(publication)
    assert shelf.files() == {publication.path: SOUND}
    assert shelf.partials() == {}


async def test_where_no_file_is_left_there_is_nothing_to_settle(shelf: Shelf) -> None:
    publication = Publication(Sealed("gone", 6, "abc"), f"{PATH}.mp3", "audio/mpeg")
    assert not await shelf.archive.settle(publication)
    assert shelf.files() == {}


async def test_a_temporary_file_that_is_not_what_was_sealed_is_thrown_away(shelf: Shelf) -> None:
    done = await sealed(shelf.archive)
    publication = Publication(replace(done, sha256="0" * 64), f"{PATH}.mp3", "audio/mpeg")
    assert not await shelf.archive.settle(publication)
    assert shelf.files() == {}
    assert shelf.partials() == {}


async def test_settling_never_overwrites_what_has_the_name_now(shelf: Shelf) -> None:
    publication = Publication(await sealed(shelf.archive), f"{PATH}.mp3", "audio/mpeg")
    shelf.put(publication.path, b"somebody's")
    assert not await shelf.archive.settle(publication)
    assert shelf.files() == {publication.path: b"somebody's"}
    assert shelf.partials() == {}


async def test_a_file_renamed_but_not_yet_written_down_settles(shelf: Shelf) -> None:
    publication = Publication(await sealed(shelf.archive), f"{PATH}.mp3", "audio/mpeg")
    shelf.rename(publication.sealed.partial, publication.path)
    assert await shelf.archive.settle(publication)
    assert shelf.files() == {publication.path: SOUND}


async def test_a_sweep_removes_what_nobody_writes_and_spares_what_somebody_does(shelf: Shelf) -> None:
    await sealed(shelf.archive)
    await sealed(shelf.archive)
    async with shelf.archive.draft(ID) as draft:
        for _ in range(3):  # a piece may be written while the next one is on its way
            await draft.write(SOUND)
        assert await shelf.archive.sweep() == 2
        assert len(shelf.partials()) == 1
        done = await draft.seal()
    assert shelf.partials() == {done.partial: SOUND * 3}


async def test_there_is_room_to_speak_of(shelf: Shelf) -> None:
    free = await shelf.archive.room()
    assert free.bytes > 0
    assert free.is_writable
