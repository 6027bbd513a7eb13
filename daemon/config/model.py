"""The configuration as values: names are the TOML keys, defaults are design section 4."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from daemon.config import addresses
from daemon.core.naming import check_template

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Expect:
    """What a key wants, in words for a person, and whether its value may be repeated to them."""

    words: str
    quote: bool = True


def _path(value: object, info: ValidationInfo) -> Path:
    """Take a path as written; a relative one starts from the configuration file's directory."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError  # pydantic collects no other kind; the key's expectation has the words
    if value.startswith("~"):
        raise ValueError("expected a path written out in full: a service has no home directory for ~")
    base = info.context["base"] if isinstance(info.context, dict) else Path()
    return (Path(base) / value).absolute()


def _optional_path(value: object, info: ValidationInfo) -> Path | None:
    return None if value is None else _path(value, info)


def _template(value: str) -> str:
    problem = check_template(value) if value.isprintable() else "has a character that no file name should have"
    if problem is not None:
        raise ValueError(problem)
    return value


def _seconds(least: str, *, most: float = 366 * DAY) -> Expect:
    return Expect(f"a number of seconds {least} and up to {most:.0f}")


Location = Annotated[Path, BeforeValidator(_path), Expect("a path")]
SecretFile = Annotated[Path | None, BeforeValidator(_optional_path), Expect("a path", quote=False)]
Origin = Annotated[
    str, Field(strict=True), AfterValidator(addresses.origin), Expect("an address in quotes", quote=False)
]
Id = Annotated[str, Field(strict=True, pattern=r"^(~|[A-Za-z0-9_-]+)$"), Expect('"~" or an id in quotes')]
Seconds = Annotated[float, Field(strict=True, gt=0, le=366 * DAY, allow_inf_nan=False), _seconds("above zero")]
Pause = Annotated[float, Field(strict=True, ge=0, le=DAY, allow_inf_nan=False), _seconds("from zero", most=DAY)]
Timeout = Annotated[float, Field(strict=True, gt=0, le=3600, allow_inf_nan=False), _seconds("above zero", most=3600)]
Hours = Annotated[
    float,
    Field(strict=True, gt=0, le=90 * 24, allow_inf_nan=False),
    Expect("a number of hours above zero and up to 2160 (90 days)"),
]
Bytes = Annotated[int, Field(strict=True, ge=0, lt=2**63), Expect("a whole number of bytes, zero or more")]


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
    server_url: Origin = "https://platform.ringcentral.com"
    """Where REST and OAuth live."""
    media_url: Origin = "https://media.ringcentral.com"
    """Where recordings are fetched; derived from `server_url` by `parse` where the file leaves it out."""
    client_id: Annotated[
        str,
        Field(strict=True, pattern=r"^[!-~]+$"),
        Expect("the app's client id in quotes, without spaces", quote=False),
    ]
    """The app's id in RingCentral's developer console."""
    client_secret_file: SecretFile = None
    """The file that holds the app's secret."""
    jwt_file: SecretFile = None
    """The file that holds the JWT credential."""
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
    scope: Annotated[Literal["account", "extension"], Expect('"account" or "extension"')] = "account"
    """Whose calls to follow."""
    extension_id: Id = "~"
    """The extension, for `scope = "extension"`."""
    direction: Annotated[Literal["", "Inbound", "Outbound"], Expect('"", "Inbound" or "Outbound"')] = ""
    """Only such parties and calls; empty: both."""
    heartbeat_seconds: Annotated[
        float, Field(strict=True, gt=0, le=600, allow_inf_nan=False), _seconds("above zero", most=600)
    ] = 30
    """Silence after which the gateway is asked; RingCentral itself hangs up after 1800 s of it."""


class Calls(Table):
    settle_seconds: Pause = 5
    """Quiet time after the last party left before a call counts as over."""
    silence_seconds: Seconds = 3600
    """A call that says nothing for so long is looked up."""


class Downloads(Table):
    strategy: Annotated[Literal["call-log", "direct", "hybrid"], Expect('"call-log", "direct" or "hybrid"')] = "hybrid"
    """Whether the media host or the call log is asked first."""
    concurrency: Annotated[int, Field(strict=True, ge=1, le=64), Expect("a whole number above zero, at most 64")] = 8
    """Downloads at the same time."""
    retry_initial_seconds: Seconds = 2
    """Wait after the first failure."""
    retry_max_seconds: Annotated[
        float, Field(strict=True, gt=0, le=DAY, allow_inf_nan=False), _seconds("above zero", most=DAY)
    ] = 900
    """The longest wait between two tries."""
    connect_timeout_seconds: Timeout = 10
    read_timeout_seconds: Timeout = 30
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
    directory: Location = Path("/var/lib/recordingd/recordings")
    """Where recordings are kept."""
    name: Annotated[str, Field(strict=True), AfterValidator(_template), Expect("a template in quotes")] = (
        "{start:%Y/%m/%d}/{start:%H%M%S}_{direction}_{from}_{to}_{recording_id}"
    )
    """Path of a recording below the directory, without its ending."""
    min_free_bytes: Bytes = 536_870_912
    """Downloads pause while less than this is free."""


class State(Table):
    directory: Location = Path("/var/lib/recordingd/state")
    """The ledger, the OAuth session and the lock."""


class Reconcile(Table):
    interval_seconds: Seconds = 900
    """How often the call log is compared with what was seen."""
    lookback_hours: Hours = 48
    """How far back each comparison reaches."""


class Log(Table):
    level: Annotated[Literal["debug", "info", "warning", "error"], Expect('"debug", "info", "warning" or "error"')] = (
        "info"
    )
    format: Annotated[Literal["auto", "json", "console"], Expect('"auto", "json" or "console"')] = "auto"


class Metrics(Table):
    listen: Annotated[str, Field(strict=True), AfterValidator(addresses.listener), Expect("text in quotes")] = ""
    """`host:port` of the Prometheus listener; empty: none."""


class Heartbeat(Table):
    url: Annotated[
        str, Field(strict=True), AfterValidator(addresses.pinged), Expect("an address in quotes", quote=False)
    ] = ""
    """Called while all is well, so that silence itself can raise an alarm; empty: nothing is called."""
    interval_seconds: Annotated[
        float, Field(strict=True, ge=1, le=DAY, allow_inf_nan=False), _seconds("from 1", most=DAY)
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
