"""The names RingCentral gives things; each its own type, so that one cannot pass for another."""

from typing import NewType

RecordingId = NewType("RecordingId", str)
"""A recording: one file. The same id in a notification, in the call log and in the content's URL."""

TelephonySessionId = NewType("TelephonySessionId", str)
"""A call's session, such as `s-c23b203d62db4f6aaee00717bafa99be`."""

SessionId = NewType("SessionId", str)
"""The same session's older, numeric id, by which the call log is best asked."""

PartyId = NewType("PartyId", str)
"""One party of one session, such as `p-c23b203d62db4f6aaee00717bafa99be-1`."""
