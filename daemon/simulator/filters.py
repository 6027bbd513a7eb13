"""Which notifications a subscription wants.

Source: ringcentral-protocol.md section 5.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from daemon.simulator.refusal import invalid

PATH = re.compile(r"/restapi/v1\.0/account/(?P<account>[^/]+)(/extension/(?P<extension>[^/]+))?/telephony/sessions/?")


@dataclass(frozen=True, slots=True)
class Filter:
    """One event filter, `~` resolved.

    Attributes:
        extension_id: Only this extension's parties; None for the whole account.
        query: Further conditions, all of which must hold.
    """

    extension_id: str | None
    query: Mapping[str, str]

    def matches(self, party: Mapping[str, Any], *, recorded: bool) -> bool:
        """Say whether a notification about `party` is wanted.

        Args:
            party: The party as notified of.
            recorded: Whether its session has named a recording.
        """
        if self.extension_id is not None and party.get("extensionId") != self.extension_id:
            return False
        return all(self._holds(name, value, party, recorded=recorded) for name, value in self.query.items())

    def _holds(self, name: str, value: str, party: Mapping[str, Any], *, recorded: bool) -> bool:
        match name:
            case "direction":
                return bool(party["direction"] == value)
            case "statusCode":
                return bool(party["status"]["code"] == value)
            case "missedCall":
                return bool(party["missedCall"] == (value.lower() == "true"))
            case "phoneNumber":
                wanted = value.lstrip("+ ")
                return wanted in {str(party[side].get("phoneNumber", "")).lstrip("+") for side in ("to", "from")}
            case "withRecordings":
                return recorded or value.lower() != "true"
            case _:
                return True  # sipData and the like ask for more content, not for fewer notifications


def parse(texts: Sequence[str], account_id: str, extension_id: str) -> tuple[Filter, ...]:
    """Read event filters.

    Raises:
        Refusal: One of them is no telephony-session filter of this account.
    """
    return tuple(_parse(text, account_id, extension_id) for text in texts)


def _parse(text: str, account_id: str, extension_id: str) -> Filter:
    parts = urlsplit(text)
    match = PATH.fullmatch(parts.path)
    if match is None or match["account"] not in {"~", account_id}:
        raise invalid("eventFilters")
    extension = extension_id if match["extension"] == "~" else match["extension"]
    return Filter(extension, dict(parse_qsl(parts.query)))
