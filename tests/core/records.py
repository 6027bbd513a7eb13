"""Call-log records as RingCentral writes them, with changes."""

from daemon.core.calllog import CallRecord, page

RECORD: dict[str, object] = {
    "id": "AbC",
    "uri": "https://platform.ringcentral.com/…",
    "sessionId": "1234567890",
    "telephonySessionId": "s-1",
    "startTime": "2025-01-31T14:02:11.500Z",
    "duration": 90,
    "type": "Voice",
    "direction": "Inbound",
    "action": "Phone Call",
    "result": "Accepted",
    "from": {"phoneNumber": "+14155550100", "name": "John Smith"},
    "to": {"phoneNumber": "+16505550100", "extensionId": "22222222"},
    "recording": {"id": "1", "type": "Automatic", "contentUri": "https://media.ringcentral.com/1"},
}


def recording(name: object, uri: str = "https://media.ringcentral.com/x") -> dict[str, object]:
    return {"recording": {"id": name, "type": "OnDemand", "contentUri": uri}}


def record(**changes: object) -> CallRecord:
    (read,) = page({"records": [{**RECORD, **changes}]}).records
    return read
