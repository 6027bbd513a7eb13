"""Names and modes in the archive: nothing escapes, nothing is overwritten, whatever has been planted."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import orjson
import pytest

from daemon.core.recording import Publication
from daemon.errors import Misconfigured, Retryable
from tests.adapters.children import umask
from tests.adapters.filing import CONTENT, DAY, opened, placed, published, sealed, sidecar
from tests.adapters.looking import mode, names, read

Plant = Callable[[Path, Path], None]


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
async def test_modes_are_the_same_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    root = tmp_path / "made" / "on the way" / "archive"
    with umask(mask), opened(root) as archive:
        await archive.describe(sidecar(await published(archive)))
        left = await sealed(archive)
    for path in (root.parents[1], root.parent, root, root / ".partial", root / "2026", root / "2026/01", root / DAY):
        assert mode(path) == 0o750, path
    for name in (f"{DAY}/a.mp3", f"{DAY}/a.json", f".partial/{left.partial}"):
        assert mode(root / name) == 0o640, name


async def test_a_directory_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o2770)  # noqa: PTH101, S103  a path of pathlib's may not block here
    with opened(tmp_path) as archive:
        await published(archive)
    assert mode(tmp_path) == 0o2770


async def test_what_was_published_is_there_whole_and_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        publication = await published(archive)
        await archive.describe(sidecar(publication))
    assert names(tmp_path) == [f"{DAY}/a.json", f"{DAY}/a.mp3"]
    assert read(tmp_path / publication.path) == CONTENT
    assert orjson.loads(read(tmp_path / DAY / "a.json"))["sha256"] == publication.sealed.sha256


def _link_out(at: Path, outside: Path) -> None:
    at.symlink_to(outside / "target")


def _link_to_a_file(at: Path, outside: Path) -> None:
    (outside / "target").write_bytes(b"theirs")
    at.symlink_to(outside / "target")


def _hard_link(at: Path, outside: Path) -> None:
    (outside / "target").write_bytes(b"theirs")
    at.hardlink_to(outside / "target")


def _pipe(at: Path, _: Path) -> None:
    os.mkfifo(at)


def _directory(at: Path, _: Path) -> None:
    at.mkdir()


def _file(at: Path, _: Path) -> None:
    at.write_bytes(b"theirs")


PLANTS = (_link_out, _link_to_a_file, _hard_link, _pipe, _directory, _file)


def _planted(tmp_path: Path, plant: Plant, name: str) -> tuple[Path, list[str]]:
    """Plant something in a new archive; return the archive and what lies outside of it."""
    outside, root = tmp_path / "outside", tmp_path / "archive"
    outside.mkdir()
    (root / name).parent.mkdir(parents=True)
    plant(root / name, outside)
    return root, _outside(root)


def _outside(root: Path) -> list[str]:
    outside = root.parent / "outside"
    return [f"{name} {read(outside / name)!r}" for name in names(outside)]


@pytest.mark.parametrize("plant", PLANTS)
async def test_what_has_a_final_name_keeps_it(tmp_path: Path, plant: Plant) -> None:
    root, before = _planted(tmp_path, plant, f"{DAY}/a.mp3")
    look = (root / DAY / "a.mp3").lstat()
    with opened(root) as archive:
        with pytest.raises(Retryable) as caught:
            await published(archive)
        assert caught.value.code == "EEXIST"
        assert await placed(archive) == f"{DAY}/a_1.mp3"
    assert os.path.samestat((root / DAY / "a.mp3").lstat(), look)
    assert _outside(root) == before


@pytest.mark.parametrize("ending", ["mp3", "wav", "json"])
@pytest.mark.parametrize("plant", PLANTS)
async def test_a_name_is_free_only_together_with_its_sidecar(tmp_path: Path, plant: Plant, ending: str) -> None:
    root, _ = _planted(tmp_path, plant, f"{DAY}/a.{ending}")
    with opened(root) as archive:
        assert await placed(archive) == f"{DAY}/a_1.mp3"
        assert await placed(archive) == f"{DAY}/a_1_2.mp3"
        assert await placed(archive, "b") == f"{DAY}/b.mp3"


@pytest.mark.parametrize("plant", [_link_out, _link_to_a_file, _hard_link, _pipe, _file])
@pytest.mark.parametrize("level", ["2026", "2026/01", "2026/01/31"])
async def test_what_stands_in_a_directorys_place_is_not_entered(tmp_path: Path, plant: Plant, level: str) -> None:
    root, before = _planted(tmp_path, plant, level)
    with opened(root) as archive:
        for attempt in (published(archive), placed(archive)):
            with pytest.raises(Retryable) as caught:
                await attempt
            assert caught.value.code in {"ELOOP", "ENOTDIR"}
        publication = Publication(await sealed(archive), f"{DAY}/a.mp3", "audio/mpeg")
        with pytest.raises(Retryable):
            await archive.describe(sidecar(publication))
    assert _outside(root) == before


async def test_a_link_to_a_directory_outside_is_not_entered(tmp_path: Path) -> None:
    root, _ = _planted(tmp_path, lambda at, outside: at.symlink_to(outside), "2026")
    with opened(root) as archive:
        for attempt in (published(archive), placed(archive)):
            with pytest.raises(Retryable):
                await attempt
    assert _outside(root) == []


@pytest.mark.parametrize("plant", [_link_out, _link_to_a_file, _hard_link, _pipe, _file])
async def test_a_sidecar_takes_its_place_and_touches_nothing_behind_it(tmp_path: Path, plant: Plant) -> None:
    root, before = _planted(tmp_path, plant, f"{DAY}/b.json")
    with opened(root) as archive:
        await archive.describe(sidecar(await published(archive, f"{DAY}/b.mp3")))
    assert orjson.loads(read(root / DAY / "b.json"))["recording_id"] == "1"
    assert not (root / DAY / "b.json").is_symlink()
    assert _outside(root) == before


async def test_a_directory_in_a_sidecars_place_is_retryable(tmp_path: Path) -> None:
    root, _ = _planted(tmp_path, _directory, f"{DAY}/b.json")
    with opened(root) as archive:
        publication = await published(archive, f"{DAY}/b.mp3")
        with pytest.raises(Retryable) as caught:
            await archive.describe(sidecar(publication))
        assert caught.value.code == "EISDIR"


@pytest.mark.parametrize("plant", [_link_out, _pipe, _file])
@pytest.mark.parametrize("name", ["", ".partial"])
def test_an_archive_that_is_no_directory_is_misconfigured(tmp_path: Path, plant: Plant, name: str) -> None:
    root = tmp_path / "archive"
    (root / name).parent.mkdir(exist_ok=True)
    plant(root / name, tmp_path)
    with pytest.raises(Misconfigured, match=r"archive\.directory"), opened(root):
        pass


def test_a_link_to_the_partial_files_of_another_archive_is_misconfigured(tmp_path: Path) -> None:
    root, _ = _planted(tmp_path, lambda at, outside: at.symlink_to(outside), ".partial")
    with pytest.raises(Misconfigured), opened(root):
        pass


async def test_an_archive_moved_away_while_open_is_still_the_one_written_to(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    (tmp_path / "elsewhere").mkdir()
    with opened(root) as archive:
        root.rename(tmp_path / "moved")
        root.symlink_to(tmp_path / "elsewhere")
        await published(archive)
    assert names(tmp_path / "moved") == [f"{DAY}/a.mp3"]
    assert names(tmp_path / "elsewhere") == []


async def test_names_given_at_the_same_time_differ(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        given = await asyncio.gather(*(placed(archive) for _ in range(20)))
    assert len(set(given)) == 20


async def test_directories_made_at_the_same_time_are_made_once(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        paths = [f"2026/02/{n % 3:02}/{n}.mp3" for n in range(20)]
        await asyncio.gather(*(published(archive, path) for path in paths))
    assert names(tmp_path) == sorted(paths)
    assert {mode(tmp_path / PurePosixPath(path).parent) for path in paths} == {0o750}
