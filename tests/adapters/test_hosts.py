"""Where the bearer token may go: a table, and no URL in which the judge and the library read different hosts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from daemon.adapters.hosts import may_have_token

ORIGINS = ("https://media.ringcentral.com", "https://platform.ringcentral.com")
PATH = "/restapi/v1.0/account/~/recording/1/content"


@pytest.mark.parametrize(
    "start",
    [
        "https://media.ringcentral.com",
        "https://media.ringcentral.com:443",
        "https://media.ringcentral.com:",
        "https://MEDIA.RingCentral.COM",
        "HTTPS://media.ringcentral.com",
        "https://platform.ringcentral.com",
    ],
)
def test_the_configured_hosts_may_have_it_however_they_are_spelled(start: str) -> None:
    assert may_have_token(start + PATH, ORIGINS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        PATH,
        "//media.ringcentral.com" + PATH,
        "https://" + PATH,
        "https:media.ringcentral.com" + PATH,
        "media.ringcentral.com" + PATH,
        "http://media.ringcentral.com" + PATH,
        "http://media.ringcentral.com:443" + PATH,
        "ftp://media.ringcentral.com" + PATH,
        "https://media.ringcentral.com:80" + PATH,
        "https://media.ringcentral.com:8443" + PATH,
        "https://media.ringcentral.com:0" + PATH,
        "https://media.ringcentral.com:99999" + PATH,
        "https://media.ringcentral.com:x" + PATH,
        "https://media.ringcentral.com." + PATH,
        "https://media.ringcentral.com.evil.example" + PATH,
        "https://evil-media.ringcentral.com" + PATH,
        "https://mediaXringcentral.com" + PATH,
        "https://ringcentral.com" + PATH,
        "https://media.ringcentral.com@evil.example" + PATH,
        "https://media.ringcentral.com:443@evil.example" + PATH,
        "https://evil.example#@media.ringcentral.com" + PATH,
        "https://evil.example?@media.ringcentral.com" + PATH,
        "https://user:word@media.ringcentral.com" + PATH,
        "https://user@media.ringcentral.com" + PATH,
        "https://@media.ringcentral.com" + PATH,
        "https://evil.example\\@media.ringcentral.com" + PATH,
        "https:\\\\media.ringcentral.com" + PATH,
        "https://media.ringcentral.com/..\\..\\x",
        "https://media.ringcentral.com\\.evil.example" + PATH,
        "https://media.ringcentral.com\n.evil.example" + PATH,
        "https://media.ringcentral.com\t" + PATH,
        " https://media.ringcentral.com" + PATH,
        "https://media.ringcentral.com\x00" + PATH,
        "https://media.ringcentral.com\x7f" + PATH,
        "https://media.ringcentral.com\x85" + PATH,
        "https://media\u3002ringcentral.com" + PATH,
        "https://media.ringcentral.c\u00f6m" + PATH,
        "https://media%2eringcentral.com" + PATH,
        "https://[::1]" + PATH,
        "https://[::ffff:media.ringcentral.com]" + PATH,
        "https://[media.ringcentral.com" + PATH,
        "https://[::1" + PATH,
    ],
)
def test_no_other_host_may_have_it(url: str) -> None:
    assert not may_have_token(url, ORIGINS)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://[::1]:8080/x", True),
        ("http://[0::1]:8080/x", False),
        ("http://[::1]/x", False),
        ("http://127.0.0.1:8080/x", False),
    ],
)
def test_an_ipv6_address_is_itself_and_nothing_else(url: str, allowed: bool) -> None:  # noqa: FBT001  a table's column
    assert may_have_token(url, ["http://[::1]:8080"]) is allowed


def test_the_kelvin_sign_is_no_k() -> None:
    assert not may_have_token("https://\u212aeep.example/", ["https://keep.example"])


@pytest.mark.parametrize("origin", ["", "nonsense", "ftp://media.ringcentral.com"])
def test_an_origin_that_is_none_allows_nothing(origin: str) -> None:
    assert not may_have_token("nonsense", [origin])
    assert not may_have_token("", [origin])
    assert not may_have_token("https://media.ringcentral.com/", [])


_PIECES = st.sampled_from(
    [
        *"@:/?#[]%.\\ \t-",
        "https",
        "http",
        "://",
        "media.ringcentral.com",
        "evil.example",
        "443",
        "\u3002",
        "\x00",
        "\u212a",
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=9).map("".join)).map(lambda end: "https://" + end))
def test_the_library_connects_where_the_judge_looked(url: str) -> None:
    if may_have_token(url, ORIGINS):
        read = URL(url, encoded=True)
        host = "media.ringcentral.com" if "media" in url.lower() else "platform.ringcentral.com"
        assert (read.scheme, read.host, read.port, read.user) == ("https", host, 443, None)
