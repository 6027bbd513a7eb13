"""An HTTP answer to an error by remedy, as one table."""

import orjson
import pytest
from multidict import CIMultiDict

from daemon.adapters.verdict import REMEDY, Answer, retry_after, verdict
from daemon.errors import DaemonError, Refused, Retryable, Throttled, Unauthorized

LOG = "/restapi/v1.0/account/~/call-log?sessionId=1"
CONTENT = "/restapi/v1.0/account/~/recording/1/content"
TOKEN = "/restapi/oauth/token"
WSTOKEN = "/restapi/oauth/wstoken"


def _json(code: str, message: str = "words", outer: str = "", **rest: str) -> bytes:
    inner = {"errorCode": code, "message": message, **rest}
    return orjson.dumps({"errorCode": outer or code, "message": message, "errors": [inner]})


def _judge(
    status: int, body: bytes = b"", path: str = LOG, content_type: str = "application/json", **headers: str
) -> DaemonError | None:
    given = {"content-type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return verdict(Answer(status, CIMultiDict(given), body, path))


@pytest.mark.parametrize("status", [200, 201, 204, 206])
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"{", b"\xff", b'{"records": []}', b'"CMN-301"'])
def test_a_good_answer_has_no_verdict(status: int, body: bytes) -> None:
    assert _judge(status, body) is None


_NOT_FOUND = _json("CMN-102", "Resource for parameter [callRecordingId] is not found")


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, _json("OAU-128", "Access token expired", "TokenExpired"), Unauthorized, "OAU-128"),
        (401, b"", Unauthorized, "status 401"),
        (403, b"", Retryable, "status 403"),
        (403, _json("CMN-402", "no"), Retryable, "CMN-402 no"),
        (404, _NOT_FOUND, Retryable, "CMN-102 Resource for parameter [callRecordingId] is not found"),
        (404, b"", Retryable, "status 404"),
        (410, b"", Retryable, "status 410"),
        (400, _json("CMN-101", "Parameter [x] value is invalid."), Retryable, "CMN-101"),
        (408, b"", Retryable, "in trouble"),
        (416, b"", Retryable, "status 416"),
        (500, _json("CMN-211", "oops"), Retryable, "in trouble: CMN-211 oops"),
        (502, b"", Retryable, "in trouble"),
        (503, b"", Retryable, "in trouble"),
        (504, b"", Retryable, "in trouble"),
        (301, b"", Retryable, "points elsewhere"),
        (302, b"", Retryable, "points elsewhere"),
        (304, b"", Retryable, "points elsewhere"),
        (308, b"", Retryable, "points elsewhere"),
        (100, b"", Retryable, "status 100"),
        (418, b"", Retryable, "status 418"),
        (599, b"", Retryable, "status 599"),
    ],
)
@pytest.mark.parametrize("path", [LOG, CONTENT, WSTOKEN])
def test_a_status_says_what_can_be_done(status: int, body: bytes, kind: type[Retryable], words: str, path: str) -> None:
    judged = _judge(status, body, path)
    assert type(judged) is kind
    assert isinstance(judged, Retryable)
    assert (judged.code, judged.after) == (str(status), None)
    assert words in str(judged)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, b""),
        (429, _json("CMN-301", "Request rate exceeded")),
        (429, b"<html>"),
        (200, _json("CMN-301", "Request rate exceeded")),
        (200, _json("CMN-301", "Request rate exceeded", "TooManyRequests")),
        (403, _json("CMN-301", "Request rate exceeded")),
        (503, _json("CMN-301", "Request rate exceeded")),
    ],
)
@pytest.mark.parametrize("path", [LOG, CONTENT, TOKEN])
def test_a_rate_exceeded_is_a_429_whatever_its_status(status: int, body: bytes, path: str) -> None:
    judged = _judge(status, body, path, Retry_After="17")
    assert type(judged) is Throttled
    assert (judged.code, judged.after) == ("429", 17.0)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_server_in_trouble_may_name_a_time(status: int) -> None:
    judged = _judge(status, Retry_After="5")
    assert isinstance(judged, Retryable)
    assert judged.after == 5.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        (" 30 ", 30.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("\u0663", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("99999999999", 86_400.0),
        ("9" * 400, 86_400.0),
    ],
)
def test_retry_after_is_read_as_seconds_and_never_for_ever(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}) == seconds
    assert retry_after({}) is None


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("path", [TOKEN, TOKEN + "?x=1"])
def test_a_refused_login_tells_ringcentrals_own_code_and_words(status: int, path: str) -> None:
    body = _json("OAU-140", "Invalid resource\nowner credentials", "invalid_grant")
    judged = _judge(status, body, path)
    assert type(judged) is Refused
    assert judged.exit_code == 77
    assert str(judged) == f"RingCentral refused the credentials: OAU-140 Invalid resource owner credentials{REMEDY}"


def test_a_refused_login_without_words_tells_the_status() -> None:
    assert str(_judge(401, b"<html>no</html>", TOKEN, "text/html")).endswith(
        f"refused the credentials: status 401{REMEDY}"
    )


@pytest.mark.parametrize("status", [404, 408, 500, 503])
def test_a_login_that_only_failed_is_tried_again(status: int) -> None:
    assert type(_judge(status, b"", TOKEN)) is Retryable


@pytest.mark.parametrize(
    ("code", "whose", "where"),
    [("CMN-401", "the app lacks", "developer console"), ("CMN-408", "the user lacks", "Admin Portal")],
)
def test_a_missing_permission_is_named_with_where_it_is_granted(code: str, whose: str, where: str) -> None:
    body = _json(code, "needs it", "InsufficientPermissions", permissionName="ReadCallRecording")
    judged = _judge(403, body, CONTENT)
    assert type(judged) is Refused
    for words in (code, "needs it", f"{whose} the permission ReadCallRecording", where):
        assert words in str(judged)


def test_a_subscription_without_its_scope_is_named_too() -> None:
    judged = _judge(403, _json("SUB-528", "not allowed"))
    assert type(judged) is Refused
    assert "WebSocketsSubscription" in str(judged)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=utf-8", "", "audio/mpeg"])
def test_what_is_no_json_is_never_read(status: int, content_type: str) -> None:
    judged = _judge(status, _json("CMN-401", "<script>"), CONTENT, content_type)
    assert not isinstance(judged, Refused)
    assert "CMN-401" not in str(judged)


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[" * 5000, b'{"errorCode": {}}', b'{"errors": [1, null]}'])
def test_json_that_is_broken_or_strange_leaves_the_status_to_judge(body: bytes) -> None:
    judged = _judge(404, body)
    assert type(judged) is Retryable
    assert str(judged) == "not there: status 404"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("path", [TOKEN, LOG, CONTENT])
def test_nothing_of_the_request_and_little_of_the_answer_is_told(status: int, path: str) -> None:
    body = _json("XYZ-1", "long " * 10_000)
    judged = _judge(status, body, f"{path}&access_token=hidden", Authorization="Bearer hidden", Set_Cookie="hidden")
    assert "hidden" not in str(judged)
    assert len(str(judged)) < 500
    assert "\n" not in str(judged)
