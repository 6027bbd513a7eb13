"""What is asked for: the path of an account or an extension, and the call log's query for a period."""

from datetime import UTC, datetime
from urllib.parse import quote


def reach(account_id: str, scope: str, extension_id: str) -> str:
    """Build the path of what is read: the account, or one of its extensions."""
    account = f"/account/{quote(account_id, safe='~')}"
    return account if scope == "account" else f"{account}/extension/{quote(extension_id, safe='~')}"


def period(since: datetime, until: datetime, direction: str) -> dict[str, object]:
    """Build the query for the calls that began in a period; of one direction, or where that is empty of both."""
    query: dict[str, object] = {"dateFrom": _iso(since), "dateTo": _iso(until)}
    return {**query, "direction": direction} if direction else query


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
