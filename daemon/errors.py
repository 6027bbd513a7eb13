"""Errors, sorted by what can be done about them, not by where they came from.

Every adapter turns its library's exceptions into these, once. The text of each is ours, fit for a log: it never
quotes a header, a token or a URL's query.
"""


class DaemonError(Exception):
    """Whatever this program foresaw; its text is a sentence for the log."""


class Retryable(DaemonError):
    """Try again later.

    Attributes:
        after: Seconds the other side asked us to wait, or None where it named no time.
        code: A short word for the cause, stable enough to count: "404", "CMN-301", "timeout".
    """

    def __init__(self, message: str, *, after: float | None = None, code: str = "") -> None:
        super().__init__(message)
        self.after = after
        self.code = code


class Throttled(Retryable):
    """RingCentral said that we ask too often; it is nobody's failed attempt (429, or 200 with CMN-301).

    Attributes:
        group: The usage-plan group that has to fall silent, where it is known: a request for a recording may have
            failed for want of a login.
    """

    def __init__(self, message: str, *, after: float | None = None, code: str = "", group: str = "") -> None:
        super().__init__(message, after=after, code=code)
        self.group = group


class Unauthorized(Retryable):
    """The access token was not accepted; ask for a new one and repeat at once."""


class Permanent(DaemonError):
    """This one thing cannot be done, now or later; the daemon itself is well."""


class Fatal(DaemonError):
    """A person must act before this process can be of use.

    Attributes:
        exit_code: What the process tells its supervisor, as in design section 5.
    """

    exit_code = 1


class Refused(Fatal):
    """RingCentral refused the credentials or a permission; the text names which, and where it is granted."""

    exit_code = 77


class Misconfigured(Fatal):
    """The configuration is wrong; the text names every key that is."""

    exit_code = 78


class Busy(Fatal):
    """What is needed is in use, and will be free by itself: starting again later helps."""

    exit_code = 1


class StorageFailed(Fatal):
    """Our own disk or ledger cannot be trusted any more; ending is safer than going on."""

    exit_code = 1


class GivenUp(Fatal):
    """What a command needs does not come, and it does not wait for ever; `exit_code` says what that is."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Unreadable(Permanent):
    """What the other side sent is not what its documentation says; the text names what is missing, quotes nothing."""
