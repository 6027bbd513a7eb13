"""The configuration as values: names are the TOML keys, defaults are design section 4.

A docstring under a key, or of a table, is what an editor shows of it, by way of the JSON Schema: write it for whoever
edits the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from daemon.config.kinds import (
    DAY,
    Bytes,
    Choice,
    Days,
    Hours,
    Hushed,
    Id,
    Kind,
    Listener,
    Location,
    Origin,
    Pause,
    Pinged,
    Seconds,
    SecretFile,
    Template,
    Text,
    Timeout,
    Whole,
    above_zero,
    from_,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingCentral:
    """RingCentral's addresses, and who we are there."""

    server_url: Origin = "https://platform.ringcentral.com"
    """Where REST and OAuth live; the sandbox is https://platform.devtest.ringcentral.com. Left out: $RC_SERVER_URL."""
    media_url: Origin = "https://media.ringcentral.com"
    """Where recordings are fetched. Left out, it follows from `server_url`: `platform.` becomes `media.`."""
    client_id: Annotated[str, Text("the app's client id in quotes, without spaces", quote=False, pattern=r"^[!-~]+$")]
    """The app's client id in RingCentral's developer console; needed here or in $RC_APP_CLIENT_ID."""
    client_secret_file: SecretFile = None
    """The file that holds the app's client secret, on one line; mode 0600 or 0640.

    Left out: systemd's credential `client_secret`, and failing that $RC_APP_CLIENT_SECRET.
    """
    jwt_file: SecretFile = None
    """The file that holds the JWT credential, on one line; mode 0600 or 0640.

    Left out: systemd's credential `jwt`, and failing that $RC_USER_JWT.
    """
    account_id: Id = "~"
    """The account; `~` is the one that the JWT belongs to."""
    client_secret: Hushed
    """The app's secret itself, read at load; not a key of the file."""
    jwt: Hushed
    """The JWT itself, read at load; not a key of the file."""
    client_secret_source: Annotated[str, Text("text")] = ""
    """Where the app's secret was found, for people; not a key of the file."""
    jwt_source: Annotated[str, Text("text")] = ""
    """Where the JWT was found, for people; not a key of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Which calls to be told of."""

    scope: Annotated[Literal["account", "extension"], Choice(("account", "extension"))] = "account"
    """Whose calls: the whole account's (needs an administrator's JWT), or one extension's."""
    extension_id: Id = "~"
    """The extension, for `scope = "extension"`; `~` is the JWT's owner."""
    direction: Annotated[Literal["", "Inbound", "Outbound"], Choice(("", "Inbound", "Outbound"))] = ""
    """Only such parties and calls; empty: both."""
    heartbeat_seconds: Annotated[float, above_zero(600)] = 30
    """Silence after which the gateway is asked; RingCentral itself hangs up after 1800 s of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """When a call counts as over."""

    settle_seconds: Pause = 5
    """Quiet time after the last party left before a call counts as over."""
    silence_seconds: Seconds = 3600
    """A call that says nothing for so long is looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """How recordings are fetched."""

    strategy: Annotated[Literal["call-log", "direct", "hybrid"], Choice(("call-log", "direct", "hybrid"))] = "hybrid"
    """`direct`: the media host by recording id; `call-log`: a lookup for each call; `hybrid`: direct, else call-log."""
    concurrency: Annotated[int, Whole("a whole number above zero, at most 64", 1, 64)] = 8
    """Downloads at the same time."""
    retry_initial_seconds: Seconds = 2
    """The wait after the first failure; every later one is longer."""
    retry_max_seconds: Annotated[float, above_zero(DAY)] = 900
    """The longest wait between two tries."""
    connect_timeout_seconds: Timeout = 10
    """The longest time a connection to the media host may take."""
    read_timeout_seconds: Timeout = 30
    """The longest silence inside a download."""
    minimum_bytes_per_second: Bytes = 1024
    """A download slower than this is cut off and tried again; 0 allows any."""
    overdue_after_hours: Hours = 24
    """From then on a recording is reported as overdue, and still tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where recordings are kept, and under which names."""

    directory: Location = Path("/var/lib/recordingd/recordings")
    """Where recordings are kept, each with a .json beside it. A relative path starts from this file's directory."""
    name: Template = "{start:%Y/%m/%d}/{start:%H%M%S}_{direction}_{from}_{to}_{recording_id}"
    """Path of a recording below the directory, without its ending. `{start:…}` takes strftime codes; times are UTC."""
    min_free_bytes: Bytes = 536_870_912
    """Downloads pause while less than this is free; ids go on being recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the daemon remembers."""

    directory: Location = Path("/var/lib/recordingd/state")
    """The ledger, the OAuth session and the lock. A local disk, not a network file system."""
    compact_after_days: Days = 120
    """So long after it was archived, the ledger drops what a recording's .json has. At least 100, or 0 for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """The comparison with the call log, which finds what notifications missed."""

    interval_seconds: Seconds = 900
    """How often the call log is compared with what was seen; up to four times as long while nothing is missed."""
    lookback_hours: Hours = 48
    """How far back it reaches twice a day, and an hour the other times; what lies before is re-read slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The log on standard output."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Choice(("debug", "info", "warning", "error"))] = (
        "info"
    )
    """The least grave events that are logged."""
    format: Annotated[Literal["auto", "json", "console"], Choice(("auto", "json", "console"))] = "auto"
    """`auto`: console on a terminal, JSON with a priority under systemd, else JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Prometheus metrics."""

    listen: Listener = ""
    """`host:port` of the Prometheus listener; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A sign of life to a monitor elsewhere."""

    url: Pinged = ""
    """Called while all is well, so that silence itself can raise an alarm; empty: nothing is called."""
    interval_seconds: Annotated[float, from_(1, DAY, "from 1")] = 60
    """How often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of it, checked: whoever holds one need not check again."""

    ringcentral: RingCentral
    subscription: Subscription
    calls: Calls
    downloads: Downloads
    archive: Archive
    state: State
    reconcile: Reconcile
    log: Log
    metrics: Metrics
    heartbeat: Heartbeat


DERIVED = frozenset({"client_secret", "jwt", "client_secret_source", "jwt_source"})
"""Fields of `RingCentral` that no file and no RECORDINGD_ variable may set."""

TABLES: Mapping[str, type[Any]] = {
    "ringcentral": RingCentral,
    "subscription": Subscription,
    "calls": Calls,
    "downloads": Downloads,
    "archive": Archive,
    "state": State,
    "reconcile": Reconcile,
    "log": Log,
    "metrics": Metrics,
    "heartbeat": Heartbeat,
}


def fields_of(table: str) -> list[str]:
    """Name all that a table of the model holds."""
    return [field.name for field in fields(TABLES[table])]


def keys(table: str) -> list[str]:
    """Name the keys that a table of the file may hold."""
    return [key for key in fields_of(table) if table != "ringcentral" or key not in DERIVED]


def kind(table: str, key: str) -> Kind:
    """Say what a key wants."""
    found: Kind = get_args(TABLES[table].__annotations__[key])[1]
    return found


def default(table: str, key: str) -> object:
    """Say what a key is where nobody sets it; MISSING where somebody has to."""
    (field,) = (field for field in fields(TABLES[table]) if field.name == key)
    return field.default


def quarrel(table: str, key: str, value: object, others: Mapping[str, object]) -> str:
    """Say how a good value does not fit the good ones before it in its table; empty where it does."""
    least = others.get("retry_initial_seconds")
    if (table, key) == ("downloads", "retry_max_seconds") and isinstance(least, float) and isinstance(value, float):
        return f"expected at least retry_initial_seconds ({least:g}), got {value:g}" if value < least else ""
    return ""
