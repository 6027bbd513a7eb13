"""The account at RingCentral, by the official SDK over an HTTP client of our own."""

from daemon.adapters.account.account import Account
from daemon.adapters.account.oauth import Credentials
from daemon.adapters.account.session import SessionFile

__all__ = ["Account", "Credentials", "SessionFile"]
