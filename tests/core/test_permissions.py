"""Refusals that only a person can lift, and RingCentral's own words for the others."""

import pytest

from daemon.core.permissions import error_words, refusal


def error(code: object, message: str = "", **more: object) -> dict[str, object]:
    return {"errorCode": code, "message": message, **more}


CONSOLE = "add it in the developer console, under the app's Settings, App Permissions"
ADMIN = "a RingCentral administrator grants it in the Admin Portal, under the user's Roles and Permissions"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            error("SUB-528", "No permission"),
            f"SUB-528 No permission: the app lacks the permission WebSocketsSubscription; {CONSOLE} (status 403)",
        ),
        (
            error("SUB-528", "No", permissionName="CallControl"),
            f"SUB-528 No: the app lacks the permission CallControl; {CONSOLE} (status 403)",
        ),
        (
            error("CMN-401", "In order to call this", permissionName="ReadCallLog"),
            f"CMN-401 In order to call this: the app lacks the permission ReadCallLog; {CONSOLE}",
        ),
        (error("CMN-401", "No"), f"CMN-401 No: the app lacks the permission ?; {CONSOLE}"),
        (
            error("CMN-408", "No", permissionName="ReadCallRecording"),
            f"CMN-408 No: the user lacks the permission ReadCallRecording; {ADMIN}",
        ),
        (error("CMN-408", "No"), f"CMN-408 No: the user lacks the permission ?; {ADMIN}"),
    ],
)
def test_a_missing_permission_is_named_and_where_it_is_granted(body: object, words: str) -> None:
    denied = refusal(403, body)
    assert (str(denied), denied and denied.exit_code) == (words, 77)


def test_the_error_that_names_the_permission_goes_first() -> None:
    inner = [error("CMN-401", "inner"), error("CMN-401", "named", permissionName="ReadCallLog")]
    denied = refusal(403, error("CMN-401", "outer", errors=[None, "x", *inner]))
    assert str(denied).startswith("CMN-401 named: the app lacks the permission ReadCallLog")


def test_the_outer_error_counts_where_no_inner_one_does() -> None:
    denied = refusal(403, error("CMN-408", "outer", errors=[error("CMN-100")]))
    assert str(denied).startswith("CMN-408 outer")


@pytest.mark.parametrize(
    "body",
    [
        error("SUB-505"),
        error("CMN-102", errors=[error("CMN-301")]),
        {"errors": [error("OAU-140")]},
        {"errorCode": None, "errors": "SUB-528"},
        [error("SUB-528")],
        "SUB-528",
        {},
        None,
    ],
)
def test_every_other_refusal_is_none_of_a_persons(body: object) -> None:
    assert refusal(403, body) is None


def test_a_long_message_stays_on_one_line_and_is_cut() -> None:
    denied = refusal(403, error("CMN-408", "a\nb\r\n" + "x" * 5000))
    assert str(denied).startswith("CMN-408 a b xxx")
    assert len(str(denied)) < 600


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (error("CMN-102", "Not\n  found"), "CMN-102 Not found"),
        (error("CMN-102"), "CMN-102"),
        (error("TokenInvalid", "outer", errors=[error("OAU-213", "Token not found")]), "OAU-213 Token not found"),
        (error("invalid_grant", errors=[error("", "no code"), error("OAU-140", "first"), error("B")]), "OAU-140 first"),
        (error("CMN-102", errors=[{"message": "no code"}]), "CMN-102"),
        (error("X" * 1000), "X" * 300),
        (error(5, "a number"), "5 a number"),
        ({"message": "no code"}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_precise_code_and_words_are_found(body: object, words: str) -> None:
    assert error_words(body) == words
