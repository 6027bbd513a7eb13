"""What differs between two configurations, and what a running daemon takes up of that."""

from pathlib import Path

import pytest

from daemon import config
from daemon.config import Config
from daemon.config.changes import LIVE, changes, taken_up
from daemon.config.model import TABLES, keys

SECRETS = {"RC_APP_CLIENT_SECRET": "the-app-secret", "RC_USER_JWT": "the-user-jwt"}


def parsed(more: str = "", **environ: str) -> Config:
    return config.parse(f'[ringcentral]\nclient_id = "app"\n{more}', environ={**SECRETS, **environ})


def test_equal_configurations_differ_in_nothing() -> None:
    found = changes(parsed(), parsed())
    assert (found.live, found.secrets, found.restart) == ((), (), ())


def test_what_can_be_taken_up_is_told_from_what_needs_a_restart() -> None:
    new = parsed('[log]\nlevel = "debug"\nformat = "json"\n[downloads]\nconcurrency = 2\nstrategy = "direct"')
    found = changes(parsed(), new)
    assert found.live == ("downloads.concurrency", "log.level")
    assert found.restart == ("downloads.strategy", "log.format")


def test_what_is_in_force_afterwards_is_the_new_of_the_one_and_the_old_of_the_other() -> None:
    new = parsed('[log]\nlevel = "debug"\nformat = "json"\n[downloads]\nconcurrency = 2', RC_USER_JWT="a-new-jwt")
    now = taken_up(parsed(), new)
    assert (now.log.level, now.log.format, now.downloads.concurrency) == ("debug", "auto", 2)
    assert now.ringcentral.jwt.get_secret_value() == "a-new-jwt"
    left = changes(now, new)
    assert (left.live, left.secrets, left.restart) == ((), (), ("log.format",))


def test_a_new_secret_is_named_and_never_shown() -> None:
    found = changes(parsed(), parsed(RC_APP_CLIENT_SECRET="hunter2hunter2"))
    assert found.secrets == ("ringcentral.client_secret",)
    assert "hunter2" not in repr(found)


def test_the_same_secret_from_another_place_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("the-user-jwt")
    (tmp_path / "jwt").chmod(0o600)
    new = parsed(f'jwt_file = "{tmp_path}/jwt"')
    assert changes(parsed(), new).secrets == ()


@pytest.mark.parametrize("key", sorted(LIVE))
def test_every_key_that_a_reload_changes_is_a_key(key: str) -> None:
    table, name = key.split(".")
    assert name in keys(table)
    assert table in TABLES
