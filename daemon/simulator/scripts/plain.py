"""Calls between two people: direct, on hold, paused, recorded on demand, too short, missed, to voicemail."""

import random

from daemon.simulator.scripts.cast import Extension, Office, Outsider, outsider
from daemon.simulator.scripts.logged import log_call
from daemon.simulator.scripts.script import Script
from daemon.simulator.scripts.stage import Party, Session, Stage


def arrive(stage: Stage, session: Session, caller: Outsider, agent: Extension, number: int = 2) -> Party:
    """Ring an agent: Setup, then Proceeding."""
    party = stage.party(session, number, "Inbound", caller.within(), agent.within(), agent.id)
    stage.tell(party, "Setup")
    stage.wait(0.02, 0.3)
    pickup = {
        "ccMailboxes": [agent.id],
        "to": "#1000016@sip.example.com:5060",
        "sid": str(stage.rng.randrange(10**13, 10**14)),
        "srvLvl": "-149699523",
        "srvLvlExt": "406",
    }
    stage.tell(party, "Proceeding", mobilePickupData=pickup)
    return party


def answer(stage: Stage, party: Party, kind: str = "Automatic") -> str:
    """Answer, and start the recording a moment later."""
    stage.wait(0.5, 4)
    stage.tell(party, "Answered")
    stage.wait(0.1, 0.6)
    return stage.record(party, kind)


def direct_inbound(rng: random.Random, office: Office) -> Script:
    """Someone outside calls an agent, waits on hold for a while, and hangs up."""
    stage = Stage("direct_inbound", rng, office)
    (agent,), caller = office.draw(rng, 1), outsider(rng)
    party = arrive(stage, stage.session(), caller, agent)
    answer(stage, party)
    stage.wait(20, 30)
    stage.tell(party, "Hold")
    stage.wait(2, 6)
    stage.tell(party, "Answered")
    stage.wait(12, 40)
    stage.end(party)
    log_call(stage, caller, agent, [party], direction="Inbound")
    return stage.script()


def direct_outbound(rng: random.Random, office: Office) -> Script:
    """An agent calls someone outside; both sides are told of, as in the first recorded stream."""
    stage = Stage("direct_outbound", rng, office)
    (agent,), callee = office.draw(rng, 1), outsider(rng)
    session = stage.session()
    device = {"phoneNumber": agent.number, "extensionId": agent.id, "deviceId": office.devices[agent.id]}
    mine = stage.party(session, 1, "Outbound", device, {"phoneNumber": callee.number}, agent.id)
    theirs = stage.party(session, 2, "Inbound", agent.within(), {"phoneNumber": callee.number}, None)
    stage.tell(mine, "Setup")
    stage.wait(0.03)
    stage.tell(theirs, "Proceeding")
    stage.wait(1, 4)
    stage.tell(mine, "Proceeding")
    stage.wait(1, 4)
    stage.tell(theirs, "Answered")
    stage.wait(0.03)
    stage.tell(mine, "Answered")
    stage.wait(0.2, 0.5)
    stage.record(mine)
    stage.wait(8, 14)
    mine.muted = True
    stage.tell(mine, "Answered")
    stage.wait(1, 3)
    mine.muted = False
    stage.tell(mine, "Answered")
    stage.wait(24, 50)
    stage.end(mine)
    stage.wait(0.014)
    stage.end(theirs)
    log_call(stage, agent, callee, [mine, theirs], direction="Outbound", result="Call connected")
    return stage.script()


def internal(rng: random.Random, office: Office) -> Script:
    """One colleague calls another; one recording is named on both sides, as in the second recorded stream."""
    stage = Stage("internal", rng, office)
    caller, callee = office.draw(rng, 2)
    session = stage.session()
    device = {"phoneNumber": caller.number, "extensionId": caller.id, "deviceId": office.devices[caller.id]}
    mine = stage.party(session, 1, "Outbound", device, {"phoneNumber": callee.short}, caller.id)
    stage.tell(mine, "Setup")
    stage.wait(0.02)
    named = {"phoneNumber": callee.short, "name": callee.name, "extensionId": callee.id}
    short = {**device, "phoneNumber": caller.short, "name": caller.name}
    theirs = stage.party(session, 2, "Inbound", short, named, callee.id)
    stage.tell(theirs, "Setup")
    stage.wait(0.04)
    mine.receiver = named
    stage.tell(mine, "Answered")
    stage.wait(0.1)
    stage.tell(theirs, "Proceeding")
    stage.wait(2, 7)
    stage.tell(theirs, "Answered")
    stage.wait(0.2)
    tape = stage.record(mine)
    stage.carry(tape, theirs)
    stage.tell(theirs, "Answered")
    stage.wait(32, 60)
    stage.end(mine)
    stage.wait(0.01)
    stage.end(theirs)
    log_call(stage, caller, callee, [mine, theirs], direction="Outbound", result="Call connected", legs_alone=True)
    return stage.script()


def paused(rng: random.Random, office: Office) -> Script:
    """The agent pauses the recording while a card number is read out: one id, not active for a while."""
    stage = Stage("paused", rng, office)
    (agent,), caller = office.draw(rng, 1), outsider(rng)
    party = arrive(stage, stage.session(), caller, agent)
    tape = answer(stage, party)
    stage.wait(18, 25)
    stage.stop(party, tape)
    stage.wait(4, 9)
    stage.resume(party, tape)
    stage.wait(16, 30)
    stage.end(party)
    log_call(stage, caller, agent, [party], direction="Inbound")
    return stage.script()


def on_demand_twice(rng: random.Random, office: Office) -> Script:
    """The agent starts and stops recording twice: two ids, the second on a leg of its own."""
    stage = Stage("on_demand_twice", rng, office)
    (agent,), caller = office.draw(rng, 1), outsider(rng)
    party = arrive(stage, stage.session(), caller, agent)
    tape = answer(stage, party, "OnDemand")
    stage.wait(31, 36)
    stage.stop(party, tape)
    stage.wait(2, 5)
    tape = stage.record(party, "OnDemand")
    stage.wait(31, 36)
    stage.stop(party, tape)
    stage.wait(1, 3)
    stage.end(party)
    log_call(stage, caller, agent, [party], direction="Inbound")
    return stage.script()


def too_short(rng: random.Random, office: Office) -> Script:
    """A recording of some seconds only, which RingCentral drops."""
    stage = Stage("too_short", rng, office)
    (agent,), caller = office.draw(rng, 1), outsider(rng)
    party = arrive(stage, stage.session(), caller, agent)
    answer(stage, party)
    stage.wait(4, 20)
    stage.end(party)
    log_call(stage, caller, agent, [party], direction="Inbound")
    return stage.script()


def missed_call(rng: random.Random, office: Office) -> Script:
    """Nobody answers."""
    stage = Stage("missed_call", rng, office)
    (agent,), caller = office.draw(rng, 1), outsider(rng)
    party = arrive(stage, stage.session(), caller, agent)
    stage.wait(5, 25)
    party.missed = True
    stage.end(party)
    log_call(stage, caller, agent, [party], direction="Inbound", result="Missed")
    return stage.script()


def voicemail(rng: random.Random, office: Office) -> Script:
    """The caller leaves a message: no call recording."""
    stage = Stage("voicemail", rng, office)
    (agent,), caller = office.draw(rng, 1), outsider(rng)
    party = arrive(stage, stage.session(), caller, agent)
    stage.wait(8, 20)
    stage.tell(party, "VoiceMail")
    stage.wait(5, 30)
    stage.end(party)
    log_call(stage, caller, agent, [party], direction="Inbound", result="Voicemail")
    return stage.script()
