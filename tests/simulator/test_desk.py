"""Permissions, recordings' metadata, sessions in flight, the account."""

import asyncio

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.simulator.patience import MovedClock
from tests.simulator.schemas import conforms
from tests.simulator.visitor import CALL_LOG, visiting

FREE = Options(limits=UNLIMITED)
PROFILE = "/restapi/v1.0/account/~/extension/~/authz-profile"


async def test_a_permission_can_be_checked() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        for missing, expected in ((frozenset[str](), True), (frozenset({"ReadCallRecording"}), False)):
            simulator.change(missing_permissions=missing)
            answer = await visitor.get(f"{PROFILE}/check", permissionId="ReadCallRecording")
            assert (answer.status, answer.json["successful"]) == (200, expected)
            conforms("checkUserPermission", answer.json, closed=True)
            profile = (await visitor.get(PROFILE)).json
            conforms("readAuthorizationProfile", profile, closed=True)
            granted = {each["permission"]["id"] for each in profile["permissions"]}
            assert ("ReadCallRecording" in granted) == expected


async def test_what_is_missing_is_named() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        simulator.change(missing_scopes=frozenset({"ReadCallLog", "ReadCallRecording"}))
        scope = await visitor.get(CALL_LOG)
        assert (scope.status, scope.error) == (403, "CMN-401")
        assert scope.json["errors"][0]["permissionName"] == "ReadCallLog"
        assert (await visitor.content("1")).json["errors"][0]["permissionName"] == "ReadCallRecording"
        simulator.change(missing_scopes=frozenset(), missing_permissions=frozenset({"FullCompanyCallLog"}))
        permission = await visitor.get(CALL_LOG)
        assert (permission.status, permission.error) == (403, "CMN-408")
        assert permission.json["errors"][0]["permissionName"] == "FullCompanyCallLog"
        assert (await visitor.get("/restapi/v1.0/account/~/extension/~/call-log")).status == 200


async def test_a_wstoken_can_need_the_scope_too() -> None:
    options = Options(missing_scopes=frozenset({"WebSocketsSubscription"}), wstoken_needs_scope=True)
    async with Simulator(options) as simulator, visiting(simulator) as visitor:
        assert "WebSocketsSubscription" not in visitor.tokens["scope"]
        url = f"{simulator.rest_url}/restapi/oauth/wstoken"
        answer = await visitor.request("POST", url, headers=visitor.bearer())
        assert (answer.status, answer.error) == (403, "CMN-401")
        assert answer.json["errors"][0]["permissionName"] == "WebSocketsSubscription"


async def test_a_recordings_metadata_obeys_the_schema() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        call = simulator.recall(simulator.script("direct_inbound"), ago_seconds=60)
        path = f"/restapi/v1.0/account/~/recording/{call.recordings[0].id}"
        answer = await visitor.get(path)
        assert answer.json["contentType"] == call.recordings[0].content_type
        conforms("readCallRecording", answer.json)
        unknown = await visitor.get("/restapi/v1.0/account/~/recording/1")
        assert (unknown.status, unknown.error) == (404, "CMN-102")


async def test_a_session_can_be_looked_at_while_it_goes_on() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        script = simulator.script("internal", seed=1)
        path = f"/restapi/v1.0/account/~/telephony/sessions/{script.sessions[0]}"
        playing = asyncio.create_task(simulator.play(script))
        await clock.advance(script.seconds - 1)
        answer = await visitor.get(path)
        conforms("readCallSessionStatus", answer.json)
        assert [party["status"]["code"] for party in answer.json["parties"]] == ["Answered", "Answered"]
        await clock.advance(2)
        await playing
        assert (await visitor.get(path)).status == 404


async def test_the_account_is_there_and_nothing_beside_it() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        account = await visitor.get("/restapi/v1.0/account/~")
        assert str(account.json["id"]) == simulator.options.account_id
        extension = await visitor.get("/restapi/v1.0/account/~/extension/~")
        assert str(extension.json["id"]) == simulator.options.extension_id
        for path in ("/restapi/v1.0/account/1", "/restapi/v1.0/account/~/extension/x", "/nothing"):
            assert (await visitor.get(path)).status == 404
