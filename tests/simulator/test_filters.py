"""Event filters, as a table."""

from typing import Any

import pytest

from daemon.simulator.filters import parse
from daemon.simulator.refusal import Refusal

ACCOUNT = "/restapi/v1.0/account/~/telephony/sessions"
EXTENSION = "/restapi/v1.0/account/1/extension/{}/telephony/sessions"
PARTY: dict[str, Any] = {
    "extensionId": "22",
    "direction": "Inbound",
    "to": {"phoneNumber": "+16505550100"},
    "from": {"phoneNumber": "102"},
    "status": {"code": "Answered"},
    "missedCall": False,
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (ACCOUNT, True),
        (f"{ACCOUNT}/", True),
        (f"{ACCOUNT}?direction=Inbound", True),
        (f"{ACCOUNT}?direction=Outbound", False),
        (f"{ACCOUNT}?statusCode=Answered", True),
        (f"{ACCOUNT}?statusCode=Hold", False),
        (f"{ACCOUNT}?missedCall=false", True),
        (f"{ACCOUNT}?missedCall=true", False),
        (f"{ACCOUNT}?phoneNumber=%2B16505550100", True),
        (f"{ACCOUNT}?phoneNumber=+16505550100", True),
        (f"{ACCOUNT}?phoneNumber=102", True),
        (f"{ACCOUNT}?phoneNumber=103", False),
        (f"{ACCOUNT}?sipData=true", True),
        (f"{ACCOUNT}?withRecordings=false", True),
        (f"{ACCOUNT}?withRecordings=true", False),
        (f"{ACCOUNT}?direction=Inbound&statusCode=Hold", False),
        (EXTENSION.format("~"), True),
        (EXTENSION.format("22"), True),
        (EXTENSION.format("23"), False),
    ],
)
def test_a_filter_lets_through_what_it_names(text: str, *, wanted: bool) -> None:
    (each,) = parse([text], "1", "22")
    assert each.matches(PARTY, recorded=False) is wanted


def test_parties_outside_belong_to_no_extension() -> None:
    stranger = {key: value for key, value in PARTY.items() if key != "extensionId"}
    account, extension = parse([ACCOUNT, EXTENSION.format("~")], "1", "22")
    assert account.matches(stranger, recorded=False)
    assert not extension.matches(stranger, recorded=False)


@pytest.mark.parametrize(
    "text", ["", "telephony/sessions", "/restapi/v1.0/account/2/telephony/sessions", f"{ACCOUNT}/x"]
)
def test_other_filters_are_refused(text: str) -> None:
    with pytest.raises(Refusal, match="eventFilters"):
        parse([text], "1", "22")
