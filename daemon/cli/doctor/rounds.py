"""The order of the checks: each only as far as the earlier ones allow."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from daemon.adapters.account.inquiry import Inquiry, decoded
from daemon.cli.doctor import company, extent, gateway, grants, hosts, login, storage
from daemon.cli.doctor.finding import Finding, Mark, good, unknown
from daemon.cli.doctor.grants import Evidence
from daemon.cli.doctor.recordings import Recordings
from daemon.config import Config
from daemon.errors import DaemonError

LONGEST = 10.0
"""Seconds for a connection, whatever the configuration allows the daemon."""
ANSWER = 30.0
"""Seconds for an answer."""


async def examine(config: Config, path: Path) -> AsyncIterator[Finding]:
    """Go through everything; nothing here raises what it can report."""
    ours = config.ringcentral
    yield good("configuration", str(path))
    # Loading them has refused a file that others can read.
    yield good("client secret", ours.client_secret_source)
    yield good("JWT", ours.jwt_source)
    seconds = min(config.downloads.connect_timeout_seconds, LONGEST)
    rest = await hosts.host("REST host", ours.server_url, "ringcentral.server_url", seconds)
    yield rest
    media = await hosts.host("media host", ours.media_url, "ringcentral.media_url", seconds)
    yield media
    if rest.mark is Mark.BAD:
        yield unknown("clock", "the REST host cannot be reached")
        yield unknown(login.CHECK, "the REST host cannot be reached")
        yield unknown("scopes, permissions", "no login")
    else:
        async for finding in _online(config, seconds, media_there=media.mark is not Mark.BAD):
            yield finding
    async for finding in storage.examine(config):
        yield finding
    yield company.examine(config)


async def _online(config: Config, seconds: float, *, media_there: bool) -> AsyncIterator[Finding]:
    """Ask RingCentral itself."""
    async with AsyncExitStack() as stack:
        anonymous = Inquiry(config.ringcentral.server_url, None, connect_timeout=seconds, seconds=ANSWER)
        yield await hosts.clock(anonymous)
        session = await login.sign_in(config)
        if isinstance(session, Finding):
            yield session
            yield unknown("scopes, permissions", "no login")
            return
        stack.callback(session.close)
        bearer, first = session.bearer, session.bearer.token()
        inquiry = Inquiry(config.ringcentral.server_url, bearer, connect_timeout=seconds, seconds=ANSWER)
        try:
            answer = await inquiry.ask(extent.account_path(config))
        except DaemonError as error:
            yield login.refused(error)
            yield unknown("scopes, permissions", "no login")
            return
        yield login.accepted(config, session, first)
        evidence = Evidence(promised=login.promised(config, session))
        evidence.learn("ReadAccounts", answer.status, decoded(answer))
        async for finding in gateway.examine(config, inquiry, evidence, seconds):
            yield finding
        async for finding in Recordings(config, inquiry, bearer, evidence, seconds).examine(media_there=media_there):
            yield finding
        await grants.ask_for_call_control(inquiry, evidence)
        account_wide = config.subscription.scope == "account"
        permitted = await grants.permissions(inquiry, evidence, whole_account=account_wide)
        granted = (*grants.scopes(evidence), *permitted)
        named = {finding.check for finding in granted}
        for finding in (*granted, *grants.others(evidence, named), extent.account(config, answer)):
            yield finding
        if not account_wide:
            yield await extent.extension(config, inquiry)
