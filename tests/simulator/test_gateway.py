"""The gateway: tokens, ConnectionDetails, subscriptions, notifications, time-outs."""

import pytest

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.simulator.patience import MovedClock
from tests.simulator.schemas import conforms
from tests.simulator.visitor import ACCOUNT_SESSIONS, CALL_LOG, EXTENSION_SESSIONS, visiting

FAST = Options(limits=UNLIMITED, speed=1000, ping_seconds=None)


async def test_connection_details_come_first() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        header, body = await line.read()
        assert header["type"] == "ConnectionDetails"
        assert header["wsc"]["sequence"] == 1
        assert "recoveryState" not in body
        assert (body["recoveryBufferSize"], body["recoveryTimeout"]) == (100, 180)
        assert (body["idleTimeout"], body["absoluteTimeout"], body["maxActiveRequests"]) == (1800, 86_400, 10)


async def test_without_a_token_the_connection_is_closed_with_4400() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        token = {"uri": simulator.gateway_url, "ws_access_token": ""}
        async with visitor.connection(token=token) as line:
            assert await line.end() == (4400, "")


async def test_a_wstoken_opens_one_connection_only() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        token = await visitor.wstoken()
        assert token["expires_in"] == 30
        async with visitor.connection(token=token) as line:
            await line.read()
        async with visitor.connection(token=token) as line:
            assert await line.end() == (4401, "OAU-213")
        assert simulator.violations.wstoken_reuse == 1


async def test_leniency_lets_a_wstoken_pass_again() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        simulator.change(reuse_wstoken=True)
        token = await visitor.wstoken()
        for _ in range(2):
            async with visitor.connection(token=token) as line:
                assert (await line.read())[0]["type"] == "ConnectionDetails"


async def test_an_expired_wstoken_is_refused() -> None:
    clock = MovedClock()
    async with Simulator(FAST, clock) as simulator, visiting(simulator) as visitor:
        token = await visitor.wstoken()
        await clock.advance(31)
        async with visitor.connection(token=token) as line:
            assert (await line.end())[0] == 4401
        assert simulator.violations.wstoken_stale == 1


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_subscription_is_answered_by_message_id_alone(slash: str) -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        header, body = await line.subscribe(slash=slash)
        assert (header["type"], header["status"]) == ("ClientRequest", 200)
        assert set(header["headers"]) == {"RCRequestId", "RoutingKey"}
        assert (body["status"], body["eventFilters"]) == ("Active", [ACCOUNT_SESSIONS])
        assert body["deliveryMode"] == {"transportType": "WebSocket", "encryption": False}
        conforms("createSubscription", body)


async def test_notifications_arrive_in_their_recorded_shape() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        _, subscription = await line.subscribe()
        call = await simulator.play(simulator.script("direct_outbound", seed=1))
        seen = [await line.read() for _ in call.script.steps]
        for header, event in seen:
            assert (header["type"], header["status"]) == ("ServerNotification", 200)
            assert event["subscriptionId"] == subscription["id"]
        assert [event["body"]["sequence"] for _, event in seen] == list(range(2, 2 + len(seen)))
        paths = {event["event"] for _, event in seen}
        account = simulator.options.account_id
        assert f"/restapi/v1.0/account/{account}/telephony/sessions" in paths
        assert any("/extension/" in path for path in paths)
        assert simulator.journal.delivered == len(seen)


async def test_a_second_subscription_replaces_the_first() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.subscribe(f"{ACCOUNT_SESSIONS}?direction=Inbound")
        _, second = await line.subscribe(f"{ACCOUNT_SESSIONS}?direction=Outbound")
        await simulator.play(simulator.script("direct_inbound", seed=1))
        await simulator.play(simulator.script("direct_outbound", seed=2))
        header, event = await line.read()
        assert header["type"] == "ServerNotification"
        assert event["subscriptionId"] == second["id"]
        assert event["body"]["parties"][0]["direction"] == "Outbound"


async def test_an_extension_filter_shows_ones_own_party_only() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.subscribe(EXTENSION_SESSIONS)
        await simulator.play(simulator.script("internal", seed=1, shuffled=False))
        await simulator.play(simulator.script("voicemail", seed=2, shuffled=False))
        mine = simulator.options.extension_id
        own = [s for c in simulator.calls for s in c.script.steps if s.extension_id == mine]
        bodies = await line.events(len(own))
        assert {body["parties"][0]["extensionId"] for body in bodies} == {mine}
        assert len(own) < sum(len(call.script.steps) for call in simulator.calls)


async def test_with_recordings_only_recorded_sessions_are_told_of() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.subscribe(f"{ACCOUNT_SESSIONS}?withRecordings=true&direction=Inbound")
        await simulator.play(simulator.script("missed_call", seed=1))
        await simulator.play(simulator.script("direct_inbound", seed=2))
        first, *_ = await line.events(1)
        assert first["parties"][0]["recordings"][0]["active"] is True


@pytest.mark.parametrize(
    "filters", [["/restapi/v1.0/account/~/presence"], ["/restapi/v1.0/account/1/telephony/sessions"], []]
)
async def test_a_senseless_subscription_is_refused(filters: list[str]) -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        body = {"eventFilters": filters, "deliveryMode": {"transportType": "WebSocket"}}
        header, answer = await line.ask("POST", "/restapi/v1.0/subscription", body)
        assert (header["status"], answer["errorCode"]) == (400, "CMN-101")


async def test_a_missing_scope_refuses_the_subscription_with_sub_528() -> None:
    options = Options(missing_scopes=frozenset({"WebSocketsSubscription"}))
    async with Simulator(options) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        header, answer = await line.subscribe()
        assert (header["status"], answer["errors"][0]["errorCode"]) == (403, "SUB-528")
        assert answer["errors"][0]["permissionName"] == "WebSocketsSubscription"
        simulator.change(missing_scopes=frozenset({"CallControl"}))
        header, answer = await line.subscribe()
        assert (header["status"], answer["permissionName"]) == (403, "CallControl")


async def test_heartbeats_are_echoed_with_their_id() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.send([{"type": "Heartbeat", "messageId": "abc"}])
        assert await line.read() == ({"type": "Heartbeat", "messageId": "abc"}, None)


async def test_other_requests_go_through_the_gateway_too() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        header, body = await line.ask("GET", CALL_LOG, query={"perPage": 5})
        assert (header["status"], body["records"], body["paging"]["perPage"]) == (200, [], 5)
        header, body = await line.ask("GET", "/restapi/v1.0/nothing")
        assert (header["status"], body["errorCode"]) == (404, "AGW-404")
        _, subscription = await line.subscribe()
        path = f"/restapi/v1.0/subscription/{subscription['id']}"
        assert (await line.ask("GET", path))[1]["id"] == subscription["id"]
        assert (await line.ask("DELETE", path))[0]["status"] == 204
        assert (await line.ask("GET", path))[0]["status"] == 404


async def test_limits_count_what_is_asked_through_the_gateway() -> None:
    async with Simulator(Options(limits={"heavy": 1})) as simulator, visiting(simulator) as visitor:
        assert (await visitor.get(CALL_LOG)).status == 200
        async with visitor.connection() as line:
            await line.read()
            header, body = await line.ask("GET", CALL_LOG)
            assert (header["status"], body["errorCode"]) == (429, "CMN-301")


async def test_what_cannot_be_read_is_passed_over() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        for frame in ("{", "7", "[]", '[{"type":"Heartbeat"}]', '[{"type":"?","messageId":"1"}]'):
            await line.socket.send(frame)
        await line.send([{"type": "Heartbeat", "messageId": "still here"}])
        assert (await line.read())[0]["messageId"] == "still here"
        assert simulator.violations.unreadable == 5
