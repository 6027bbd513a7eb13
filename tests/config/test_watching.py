"""The tables for those who watch: `[metrics]` and `[heartbeat]`."""

import pytest

from tests.config.test_config import LEAST, complaint, parsed

SECRET = "b3f1c2d4-not-to-be-told"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("", ""), (":9464", "127.0.0.1:9464"), ("[::1]:0", "[::1]:0"), ("0.0.0.0:9464", "0.0.0.0:9464")],
)
def test_a_port_alone_is_one_of_this_machines_own(written: str, meant: str) -> None:
    assert parsed(f'{LEAST}[metrics]\nlisten = "{written}"').metrics.listen == meant


@pytest.mark.parametrize(
    "url",
    [
        f"https://hc-ping.com/{SECRET}",
        f"http://127.0.0.1:8000/{SECRET}",
        f"https://watch.example/ping?key={SECRET}",
        f"https://[::1]:8443/{SECRET}",
        "",
    ],
)
def test_a_heartbeats_url_is_taken_as_it_stands(url: str) -> None:
    assert parsed(f'{LEAST}[heartbeat]\nurl = "{url}"').heartbeat.url == url


@pytest.mark.parametrize(
    "url",
    [
        f"hc-ping.com/{SECRET}",
        f"ftp://hc-ping.com/{SECRET}",
        f"https:///{SECRET}",
        f"https://hc-ping.com:99999/{SECRET}",
        f"https://hc-ping.com/{SECRET} now",
        f"https://hc-ping.com/{SECRET}\\u0007",
        f"https://[::1/{SECRET}",
        f"https://hc_{SECRET}%ping/",
    ],
)
def test_what_is_wrong_with_a_heartbeats_url_is_told_without_it(url: str) -> None:
    said = complaint(f'{LEAST}[heartbeat]\nurl = "{url}"')
    assert said.startswith("config.toml:4:1: heartbeat.url: expected an address ")
    assert SECRET not in said
    assert "hc-ping.com/b3" not in said


@pytest.mark.parametrize("value", ["5", "true", f'["{SECRET}"]'])
def test_a_url_that_is_no_text_is_not_repeated_either(value: str) -> None:
    said = complaint(f"{LEAST}[heartbeat]\nurl = {value}")
    assert said == "config.toml:4:1: heartbeat.url: expected an address in quotes"


@pytest.mark.parametrize("seconds", ["1", "0.5", "86400", "86401", "-60", "nan", '"60"'])
def test_it_is_called_at_least_once_a_day_and_at_most_once_a_second(seconds: str) -> None:
    text = f"{LEAST}[heartbeat]\ninterval_seconds = {seconds}"
    if seconds in {"1", "86400"}:
        assert parsed(text).heartbeat.interval_seconds == float(seconds)
    else:
        assert "heartbeat.interval_seconds: expected a number of seconds from 1 and up to 86400" in complaint(text)
