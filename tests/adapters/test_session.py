"""The OAuth session on disk."""

import os
import stat
from pathlib import Path

import orjson
import pytest

from tests.adapters.accounts import kept

TOKENS = {
    "token_type": "bearer",
    "access_token": "A",
    "expires_in": 3600,
    "expire_time": 1.5,
    "refresh_token": "R",
    "refresh_token_expires_in": 9,
    "refresh_token_expire_time": 2.5,
}


def test_what_was_saved_is_loaded_until_it_is_forgotten(tmp_path: Path) -> None:
    session = kept(tmp_path)
    assert session.load() is None
    session.save({**TOKENS, "access_token": "older"})
    session.save(TOKENS)
    assert kept(tmp_path).load() == TOKENS
    assert [path.name for path in tmp_path.iterdir()] == ["oauth.json"]
    session.forget()
    session.forget()
    assert session.load() is None


def test_the_session_of_another_app_or_user_is_not_taken_up(tmp_path: Path) -> None:
    kept(tmp_path, "us").save(TOKENS)
    assert kept(tmp_path, "them").load() is None
    assert kept(tmp_path, "us").load() == TOKENS


def test_whose_it_is_is_not_told(tmp_path: Path) -> None:
    kept(tmp_path, "https://server\0app\0the-jwt").save(TOKENS)
    assert b"the-jwt" not in (tmp_path / "oauth.json").read_bytes()


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_only_the_owner_reads_it_whatever_the_umask_and_whatever_was_there(tmp_path: Path, umask: int) -> None:
    for name in ("oauth.json", "oauth.new"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o666)
    before = os.umask(umask)
    try:
        kept(tmp_path).save(TOKENS)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "oauth.json").stat().st_mode) == 0o600


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "somebody-elses"
    target.write_text("theirs")
    (tmp_path / "oauth.new").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        kept(tmp_path).save(TOKENS)
    assert target.read_text() == "theirs"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\x00", b"[]", b"null", b"{}", b'{"identity": 1, "tokens": {}}'])
def test_a_file_that_is_no_session_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "oauth.json").write_bytes(content)
    assert kept(tmp_path).load() is None


@pytest.mark.parametrize("name", sorted(TOKENS.keys() - {"refresh_token_expires_in"}))
@pytest.mark.parametrize("value", [None, [], {}])
def test_a_session_that_the_sdk_could_not_go_on_with_is_as_good_as_none(
    tmp_path: Path, name: str, value: object
) -> None:
    kept(tmp_path).save(TOKENS)
    file = tmp_path / "oauth.json"
    whole = orjson.loads(file.read_bytes())
    file.write_bytes(orjson.dumps({**whole, "tokens": {**TOKENS, name: value}}))
    assert kept(tmp_path).load() is None
    file.write_bytes(orjson.dumps({**whole, "tokens": {key: TOKENS[key] for key in TOKENS if key != name}}))
    assert kept(tmp_path).load() is None


def test_a_directory_in_its_place_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "oauth.json").mkdir()
    kept(tmp_path).forget()
    assert kept(tmp_path).load() is None
