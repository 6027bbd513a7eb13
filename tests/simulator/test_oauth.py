"""Logging in, refreshing, being evicted; over real sockets."""

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.simulator.patience import MovedClock
from tests.simulator.visitor import CALL_LOG, visiting

FREE = Options(limits=UNLIMITED)


async def test_a_jwt_login_answers_with_all_that_is_documented() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        tokens = visitor.tokens
        assert tokens["token_type"] == "bearer"
        assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (3600, 604_800)
        assert set(tokens["scope"].split()) >= {"CallControl", "ReadCallLog", "ReadCallRecording"}
        assert tokens["owner_id"] == simulator.options.extension_id
        assert (await visitor.get(CALL_LOG)).status == 200


async def test_bad_credentials_are_a_400_in_the_documented_shape() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator, log_in=False) as visitor:
        jwt = await visitor.try_login("something else")
        assert (jwt.status, jwt.error, jwt.json["error"]) == (400, "OAU-140", "invalid_grant")
        assert jwt.json["message"] == jwt.json["errors"][0]["message"] == jwt.json["error_description"]
        client = await visitor.token({"grant_type": "refresh_token", "refresh_token": "x"}, client="a:b")
        assert (client.status, client.json["error"]) == (400, "invalid_client")
        refresh = await visitor.try_refresh("never issued")
        assert (refresh.status, refresh.json["error"]) == (400, "invalid_grant")
        grant = await visitor.token({"grant_type": "password"})
        assert (grant.status, grant.json["error"]) == (400, "unsupported_grant_type")
        assert simulator.logins == ()


async def test_tokens_are_asked_for_with_a_form_and_basic_credentials() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator, log_in=False) as visitor:
        url = f"{simulator.rest_url}/restapi/oauth/token"
        bare = await visitor.request("POST", url, form={"grant_type": "refresh_token"})
        assert (bare.status, bare.json["error"]) == (400, "invalid_client")
        garbled = await visitor.request("POST", url, headers={"Authorization": "Basic !"}, form={"a": "b"})
        assert (garbled.status, garbled.json["error"]) == (400, "invalid_client")
        assert (await visitor.token(None)).status == 415


async def test_a_login_can_be_refused_for_a_while() -> None:
    options = Options(limits=UNLIMITED, refuse_login=True)
    async with Simulator(options) as simulator, visiting(simulator, log_in=False) as visitor:
        assert (await visitor.try_login()).status == 400
        simulator.change(refuse_login=False)
        assert (await visitor.try_login()).status == 200


async def test_a_refresh_kills_the_old_access_token_at_once() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        old = visitor.bearer()
        await visitor.refresh()
        dead = await visitor.request("GET", simulator.rest_url + CALL_LOG, headers=old)
        assert (dead.status, dead.json["errorCode"], dead.error) == (401, "TokenInvalid", "OAU-213")
        assert (await visitor.get(CALL_LOG)).status == 200
        assert len(simulator.logins) == 1


async def test_the_old_refresh_token_answers_with_the_same_pair_for_ten_seconds() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        old = visitor.tokens["refresh_token"]
        await visitor.refresh()
        await clock.advance(9)
        again = (await visitor.try_refresh(old)).json
        assert again["access_token"] == visitor.tokens["access_token"]
        assert again["refresh_token"] == visitor.tokens["refresh_token"]
        await clock.advance(2)
        assert (await visitor.try_refresh(old)).status == 400


async def test_tokens_expire() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        await clock.advance(3599)
        assert (await visitor.get(CALL_LOG)).status == 200
        await clock.advance(2)
        expired = await visitor.get(CALL_LOG)
        assert (expired.status, expired.json["errorCode"], expired.error) == (401, "TokenExpired", "OAU-128")
        await visitor.refresh()
        assert (await visitor.get(CALL_LOG)).status == 200
        await clock.advance(604_801)
        assert (await visitor.try_refresh()).status == 400


async def test_a_sixth_session_evicts_the_oldest() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as first:
        for _ in range(4):
            await first.try_login()
        assert (await first.get(CALL_LOG)).status == 200
        await first.try_login()
        assert (await first.get(CALL_LOG)).status == 401
        assert (await first.try_refresh()).status == 400
        assert len(simulator.logins) == 5
        assert simulator.violations.oauth_evicted == 1


async def test_revoking_ends_a_session() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        revoked = await visitor.token({"token": visitor.tokens["refresh_token"]}, path="revoke")
        assert revoked.status == 200
        assert (await visitor.get(CALL_LOG)).status == 401
        assert simulator.logins == ()


async def test_switches_expire_and_evict() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        simulator.expire_access_tokens()
        assert (await visitor.get(CALL_LOG)).status == 401
        await visitor.refresh()
        assert (await visitor.get(CALL_LOG)).status == 200
        simulator.evict_logins()
        assert (await visitor.try_refresh()).status == 400


async def test_the_auth_group_allows_five_requests_a_minute() -> None:
    async with Simulator() as simulator, visiting(simulator, log_in=False) as visitor:
        answers = [await visitor.try_login() for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        assert answers[0].headers["X-Rate-Limit-Group"] == "auth"


async def test_without_a_token_there_is_nothing() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator, log_in=False) as visitor:
        assert (await visitor.request("GET", simulator.rest_url + CALL_LOG)).status == 401
        assert (await visitor.content("1")).status == 401
