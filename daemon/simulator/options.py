"""What can be set about a simulated RingCentral."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

LIMITS: Mapping[str, int] = MappingProxyType({"light": 50, "medium": 40, "heavy": 10, "auth": 5})
"""Requests a minute by usage-plan group, RingCentral's defaults; an account may have others."""

UNLIMITED: Mapping[str, int] = MappingProxyType(dict.fromkeys(LIMITS, 1_000_000))
"""Limits nobody reaches, for tests that are about something else."""

SCOPES = ("WebSocketsSubscription", "CallControl", "ReadCallLog", "ReadCallRecording", "ReadAccounts")
"""The app scopes a simulated app has unless `missing_scopes` takes some away."""

PERMISSIONS = ("FullCompanyCallLog", "ReadCallLog", "ReadCallRecording", "ReadExtensions")
"""The permissions the simulated user has unless `missing_permissions` takes some away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the simulator behaves; all of it but the addresses can be changed while it runs.

    Seconds called *script seconds* (call scripts, readiness, the call log's lag) pass `speed` times faster;
    all others are the clock's. A port of 0 takes any free one.
    """

    host: str = "127.0.0.1"
    rest_port: int = 0
    media_port: int = 0
    gateway_port: int = 0
    client_id: str = "simulated-app"
    client_secret: str = "simulated-secret"  # noqa: S105 - opens nothing but the simulator
    jwt: str = "simulated-jwt"
    account_id: str = "809646016"
    extension_id: str = "979428016"
    """The logged-in user's extension: what `~` means."""
    seed: int = 0
    speed: float = 1.0
    ready_seconds: float = 3.0
    """Script seconds from the end of a recording's call until its content stops being 404."""
    log_lag_seconds: float = 5.0
    """Script seconds from a call's end until the call log shows it."""
    kept_seconds: float = 30.0
    """Recordings of fewer script seconds are dropped: `shortRecording` in the call log, 404 for ever."""
    content_types: tuple[str, ...] = ("audio/mpeg", "audio/wav", "audio/x-wav")
    """Each recording has one of these (a company setting, really)."""
    audio_bytes: int = 300_000
    """No recording is larger than about this."""
    range_bytes: int | None = None
    """The most one answer carries; a larger recording comes as an unasked 206. None: no such limit."""
    limits: Mapping[str, int] = field(default_factory=lambda: LIMITS)
    window_seconds: float = 60.0
    penalty_seconds: float = 60.0
    access_token_seconds: float = 3600.0
    refresh_token_seconds: float = 604_800.0
    refresh_grace_seconds: float = 10.0
    """For so long a refresh token that was used once answers with the same new pair."""
    sessions: int = 5
    """OAuth sessions a user may have per app; one more evicts the oldest."""
    wstoken_seconds: float = 30.0
    reuse_wstoken: bool = False
    """Take a wstoken more than once, as `@rc-ex/ws` expects."""
    wstoken_needs_scope: bool = False
    """Refuse a wstoken (CMN-401), not only the subscription (SUB-528), without WebSocketsSubscription."""
    idle_seconds: float = 1800.0
    absolute_seconds: float = 86_400.0
    recovery_seconds: float = 180.0
    recovery_buffer: int = 100
    ping_seconds: float | None = 20.0
    wsc_every: int = 5
    """Every so many messages carry a newer wsc."""
    refuse_login: bool = False
    missing_scopes: frozenset[str] = frozenset()
    missing_permissions: frozenset[str] = frozenset()
