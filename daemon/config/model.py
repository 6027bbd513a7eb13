"""The configuration as values: names are the TOML keys, defaults are design section 4.

A docstring under a key, or of a table, is what an editor shows of it, by way of the JSON Schema: write it for whoever
edits the file.
"""

import math
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from daemon.config.kinds import (
    DAY,
    Age,
    Bytes,
    Expect,
    Hours,
    Id,
    Listener,
    Location,
    Origin,
    Pause,
    Pinged,
    Seconds,
    SecretFile,
    Template,
    Timeout,
    seconds,
)


class Table(BaseModel):
    """One table of the file; rejected values stay out of pydantic's own texts, whoever prints them."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class RingCentral(Table):
    """RingCentral's addresses, and who we are there."""

    server_url: Origin = "https://platform.ringcentral.com"
    """Where REST and OAuth live; the sandbox is https://platform.devtest.ringcentral.com. Left out: $RC_SERVER_URL."""
    media_url: Origin = "https://media.ringcentral.com"
    """Where recordings are fetched. Left out, it follows from `server_url`: `platform.` becomes `media.`."""
    client_id: Annotated[
        str,
        Field(strict=True, pattern=r"^[!-~]+$"),
        Expect("the app's client id in quotes, without spaces", quote=False),
    ]
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
    client_secret: SecretStr
    """The app's secret itself, read at load; not a key of the file."""
    jwt: SecretStr
    """The JWT itself, read at load; not a key of the file."""
    client_secret_source: str = ""
    """Where the app's secret was found, for people; not a key of the file."""
    jwt_source: str = ""
    """Where the JWT was found, for people; not a key of the file."""


class Subscription(Table):
    """Which calls to be told of."""

    scope: Annotated[Literal["account", "extension"], Expect('"account" or "extension"')] = "account"
    """Whose calls: the whole account's (needs an administrator's JWT), or one extension's."""
    extension_id: Id = "~"
    """The extension, for `scope = "extension"`; `~` is the JWT's owner."""
    direction: Annotated[Literal["", "Inbound", "Outbound"], Expect('"", "Inbound" or "Outbound"')] = ""
    """Only such parties and calls; empty: both."""
    heartbeat_seconds: Annotated[
        float, Field(strict=True, gt=0, le=600, allow_inf_nan=False), seconds("above zero", most=600)
    ] = 30
    """Silence after which the gateway is asked; RingCentral itself hangs up after 1800 s of it."""


class Calls(Table):
    """When a call counts as over."""

    settle_seconds: Pause = 5
    """Quiet time after the last party left before a call counts as over."""
    silence_seconds: Seconds = 3600
    """A call that says nothing for so long is looked up."""


class Downloads(Table):
    """How recordings are fetched."""

    strategy: Annotated[Literal["call-log", "direct", "hybrid"], Expect('"call-log", "direct" or "hybrid"')] = "hybrid"
    """`direct`: the media host by recording id; `call-log`: a lookup for each call; `hybrid`: direct, else call-log."""
    concurrency: Annotated[int, Field(strict=True, ge=1, le=64), Expect("a whole number above zero, at most 64")] = 8
    """Downloads at the same time."""
    retry_initial_seconds: Seconds = 2
    """The wait after the first failure; every later one is longer."""
    retry_max_seconds: Annotated[
        float, Field(strict=True, gt=0, le=DAY, allow_inf_nan=False), seconds("above zero", most=DAY)
    ] = 900
    """The longest wait between two tries."""
    connect_timeout_seconds: Timeout = 10
    """The longest time a connection to the media host may take."""
    read_timeout_seconds: Timeout = 30
    """The longest silence inside a download."""
    minimum_bytes_per_second: Bytes = 1024
    """A download slower than this is cut off and tried again; 0 allows any."""
    overdue_after_hours: Hours = 24
    """From then on a recording is reported as overdue, and still tried."""

    @field_validator("retry_max_seconds")
    @classmethod
    def _at_least_the_first_wait(cls, value: float, info: ValidationInfo) -> float:
        least = info.data.get("retry_initial_seconds", -math.inf)
        if value < least:
            raise ValueError(f"expected at least retry_initial_seconds ({least:g}), got {value:g}")
        return value


class Archive(Table):
    """Where recordings are kept, and under which names."""

    directory: Location = Path("/var/lib/recordingd/recordings")
    """Where recordings are kept, each with a .json beside it. A relative path starts from this file's directory."""
    name: Template = "{start:%Y/%m/%d}/{start:%H%M%S}_{direction}_{from}_{to}_{recording_id}"
    """Path of a recording below the directory, without its ending. `{start:…}` takes strftime codes; times are UTC."""
    min_free_bytes: Bytes = 536_870_912
    """Downloads pause while less than this is free; ids go on being recorded."""


class State(Table):
    """What the daemon remembers."""

    directory: Location = Path("/var/lib/recordingd/state")
    """The ledger, the OAuth session and the lock. A local disk, not a network file system."""
    compact_after_days: Age = 120
    """So long after it was archived, the ledger drops what a recording's .json has. At least 100, or 0 for never."""


class Reconcile(Table):
    """The comparison with the call log, which finds what notifications missed."""

    interval_seconds: Seconds = 900
    """How often the call log is compared with what was seen."""
    lookback_hours: Hours = 48
    """How far back each comparison reaches; what lies further back is re-read slowly."""


class Log(Table):
    """The log on standard output."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Expect('"debug", "info", "warning" or "error"')] = (
        "info"
    )
    """The least grave events that are logged."""
    format: Annotated[Literal["auto", "json", "console"], Expect('"auto", "json" or "console"')] = "auto"
    """`auto`: console on a terminal, JSON with a priority under systemd, else JSON."""


class Metrics(Table):
    """Prometheus metrics."""

    listen: Listener = ""
    """`host:port` of the Prometheus listener; empty: none."""


class Heartbeat(Table):
    """A sign of life to a monitor elsewhere."""

    url: Pinged = ""
    """Called while all is well, so that silence itself can raise an alarm; empty: nothing is called."""
    interval_seconds: Annotated[
        float, Field(strict=True, ge=1, le=DAY, allow_inf_nan=False), seconds("from 1", most=DAY)
    ] = 60
    """How often."""


class Config(Table):
    """All of it, checked: whoever holds one need not check again."""

    ringcentral: RingCentral
    subscription: Subscription = Subscription()
    calls: Calls = Calls()
    downloads: Downloads = Downloads()
    archive: Archive = Archive()
    state: State = State()
    reconcile: Reconcile = Reconcile()
    log: Log = Log()
    metrics: Metrics = Metrics()
    heartbeat: Heartbeat = Heartbeat()


DERIVED = frozenset({"client_secret", "jwt", "client_secret_source", "jwt_source"})
"""Fields of `RingCentral` that no file and no RECORDINGD_ variable may set."""

TABLES: dict[str, type[Table]] = {
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


def keys(table: str) -> list[str]:
    """Name the keys that a table of the file may hold."""
    return [key for key in TABLES[table].model_fields if table != "ringcentral" or key not in DERIVED]


def expectation(table: str, key: str) -> Expect:
    """Say what a key wants."""
    found = [m for m in TABLES[table].model_fields[key].metadata if isinstance(m, Expect)]
    return found[0]
