"""RingCentral's way of saying no."""

from collections.abc import Mapping
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


class Refusal(Exception):
    """An answer that is not a success, in the shape all of RingCentral's APIs share.

    Source: ringcentral-protocol.md section 2, the error body.
    """

    def __init__(  # noqa: PLR0913 - the parts of the documented body
        self,
        status: int,
        code: str,
        message: str,
        *,
        outer: str | None = None,
        oauth: str | None = None,
        details: Mapping[str, str] = NOTHING,
        headers: Mapping[str, str] = NOTHING,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.headers = headers
        first = {"errorCode": code, "message": message, **details}
        self.body: dict[str, object] = {
            "errorCode": outer or code,
            "message": message,
            "errors": [first],
            **details,
        }
        if oauth is not None:
            self.body |= {"error": oauth, "error_description": message}


def not_found(what: str) -> Refusal:
    """Say that there is no such thing: the same words for not ready, too short, deleted and unknown."""
    return Refusal(404, "CMN-102", f"Resource for parameter [{what}] is not found", details={"parameterName": what})


def invalid(parameter: str) -> Refusal:
    """Say that a parameter makes no sense."""
    return Refusal(400, "CMN-101", f"Parameter [{parameter}] value is invalid.", details={"parameterName": parameter})


def scope_missing(scope: str) -> Refusal:
    """Say that the app lacks a scope."""
    return Refusal(
        403,
        "CMN-401",
        f"In order to call this API endpoint, application needs to have [{scope}] permission",
        outer="InsufficientPermissions",
        details={"permissionName": scope},
    )


def permission_missing(permission: str) -> Refusal:
    """Say that the user lacks a permission."""
    return Refusal(
        403,
        "CMN-408",
        f"In order to call this API endpoint, user needs to have [{permission}] permission for it",
        outer="InsufficientPermissions",
        details={"permissionName": permission},
    )
