"""Are RingCentral's hosts there, and do their clock and ours agree?"""

import time
from email.utils import parsedate_to_datetime

from daemon.adapters.account.inquiry import Inquiry
from daemon.adapters.checkup.reachability import reach
from daemon.cli.doctor.finding import Finding, bad, failed, good, unknown, warning
from daemon.errors import Retryable

SOON = 14.0
"""Days before a certificate's end from which on it is mentioned."""
NOTICEABLE = 5.0
TOO_MUCH = 60.0
"""Seconds of clock skew: a JWT's times are checked to about a minute, and due times follow our clock."""

_REMEDIES = {
    "dns": "check the name in {key}, and this machine's DNS (/etc/resolv.conf)",
    "tcp": "check {key}, and that a firewall lets connections out to it",
    "tls": "check this machine's clock and its CA certificates; a proxy that opens TLS needs its own CA installed here",
}


async def host(check: str, url: str, key: str, seconds: float) -> Finding:
    """Look up a host, connect, and look at its certificate; `key` is where its address comes from."""
    try:
        reached = await reach(url, seconds)
    except Retryable as error:
        return failed(check, error, _REMEDIES.get(error.code, "check {key}").format(key=key))
    answered = f"{reached.place} answers in {reached.milliseconds:.0f} ms"
    if reached.days_left is None:
        return good(check, f"{answered}, without TLS")
    detail = f"{answered}, certificate good for {reached.days_left:.0f} days"
    if reached.days_left < SOON:
        return warning(check, detail, "whoever runs this host has to renew it; RingCentral renews its own")
    return good(check, detail)


async def clock(inquiry: Inquiry) -> Finding:
    """Compare our clock with the Date of an answer, which is cut to whole seconds."""
    check = "clock"
    before = time.time()
    try:
        answer = await inquiry.knock("/restapi/v1.0")
    except Retryable as error:
        return failed(
            check, error, "check ringcentral.server_url; the host is there, and does not speak HTTP as it should"
        )
    middle = (before + time.time()) / 2
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError):
        return unknown(check, "RingCentral's answer has no date")
    # The date says a second that has begun: on average it is half a second old.
    ahead = middle - theirs - 0.5
    if abs(ahead) <= NOTICEABLE:
        return good(check, f"within {NOTICEABLE:.0f} s of RingCentral's")
    detail = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} RingCentral's"
    remedy = "synchronise this machine's clock (timedatectl set-ntp true, or chrony)"
    if abs(ahead) <= TOO_MUCH:
        return warning(check, detail, remedy)
    return bad(check, f"{detail}: logins may be refused, and downloads come due at the wrong time", remedy)
