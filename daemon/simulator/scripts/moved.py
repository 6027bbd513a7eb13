"""Calls that change hands: menu, queue, transfers, parking."""

import random

from daemon.simulator.scripts.cast import Office, outsider
from daemon.simulator.scripts.logged import log_call
from daemon.simulator.scripts.plain import answer, arrive
from daemon.simulator.scripts.script import Script
from daemon.simulator.scripts.stage import Stage


def ivr_then_agent(rng: random.Random, office: Office) -> Script:
    """A menu answers and hands over: its leg is Disconnected, without a reason, as the agent's is set up."""
    stage = Stage("ivr_then_agent", rng, office)
    (agent,), caller = office.draw(rng, 1), outsider(rng)
    session = stage.session()
    menu = stage.party(session, 2, "Inbound", caller.within(), office.menu.within(), office.menu.id)
    stage.tell(menu, "Setup")
    stage.wait(0.05)
    stage.tell(menu, "Answered")
    stage.wait(4, 12)
    stage.end(menu)
    party = arrive(stage, session, caller, agent, 3)
    answer(stage, party)
    stage.wait(31, 60)
    stage.end(party)
    log_call(stage, caller, office.menu, [menu, party], direction="Inbound")
    return stage.script()


def queue(rng: random.Random, office: Office) -> Script:
    """Several agents ring at once, one answers, the others stop ringing."""
    stage = Stage("queue", rng, office)
    agents, caller = office.draw(rng, rng.randint(2, 4)), outsider(rng)
    session = stage.session()
    waiting = stage.party(session, 2, "Inbound", caller.within(), office.queue.within(), office.queue.id)
    stage.tell(waiting, "Setup")
    stage.wait(0.05)
    stage.tell(waiting, "Proceeding")
    stage.wait(1, 5)
    ringing = []
    for number, agent in enumerate(agents, start=3):
        ringing.append(arrive(stage, session, caller, agent, number))
        stage.wait(0.01, 0.2)
    winner = ringing[0] if not office.shuffled else rng.choice(ringing)
    stage.wait(1, 6)
    stage.tell(winner, "Answered")
    for party in ringing:
        if party is not winner:
            stage.end(party, reason="AgentAnswered")
    stage.end(waiting, reason="AgentAnswered")
    stage.wait(0.2, 0.6)
    stage.record(winner)
    stage.wait(31, 60)
    stage.end(winner)
    log_call(stage, caller, office.queue, [waiting, *ringing], direction="Inbound")
    return stage.script()


def blind_transfer(rng: random.Random, office: Office) -> Script:
    """One agent passes the call on unannounced; each of the two legs has a recording of its own."""
    stage = Stage("blind_transfer", rng, office)
    (first, second), caller = office.draw(rng, 2), outsider(rng)
    session = stage.session()
    one = arrive(stage, session, caller, first)
    answer(stage, one)
    stage.wait(31, 38)
    stage.end(one, reason="BlindTransfer")
    stage.wait(0.05, 1.5)
    two = arrive(stage, session, caller, second, 3)
    answer(stage, two)
    stage.wait(31, 38)
    stage.end(two)
    log_call(stage, caller, first, [one, two], direction="Inbound")
    return stage.script()


def attended_transfer(rng: random.Random, office: Office) -> Script:
    """An agent asks a colleague in a second session, then joins the two: the second is `Gone` into the first.

    The recording is named under both sessions, and is over only when both are.
    """
    stage = Stage("attended_transfer", rng, office)
    (first, second), caller = office.draw(rng, 2), outsider(rng)
    session, aside = stage.session(), stage.session()
    one = arrive(stage, session, caller, first)
    tape = answer(stage, one)
    stage.wait(10, 20)
    stage.tell(one, "Hold")
    stage.wait(0.5, 2)
    device = {"phoneNumber": first.number, "extensionId": first.id, "deviceId": office.devices[first.id]}
    asking = stage.party(aside, 1, "Outbound", device, {"phoneNumber": second.short}, first.id)
    stage.tell(asking, "Setup")
    stage.wait(0.03)
    asked = stage.party(aside, 2, "Inbound", first.within(), second.within(), second.id)
    stage.tell(asked, "Setup")
    stage.wait(0.1)
    stage.tell(asked, "Proceeding")
    stage.wait(1, 3)
    stage.tell(asked, "Answered")
    stage.tell(asking, "Answered")
    stage.wait(4, 10)
    three = stage.party(session, 3, "Inbound", caller.within(), second.within(), second.id)
    stage.carry(tape, asked)
    stage.carry(tape, three)
    stage.end(asking, reason="AttendedTransfer")
    stage.end(asked, "Gone", reason="AttendedTransfer", peerId={**session.peer, "partyId": three.id})
    stage.wait(0.02)
    one.recordings = {}
    stage.end(one, reason="AttendedTransfer")
    stage.tell(three, "Answered")
    stage.wait(15, 35)
    stage.end(three)
    log_call(stage, caller, first, [one, three], direction="Inbound")
    log_call(stage, first, second, [asking, asked], direction="Outbound", result="Call connected", legs_alone=True)
    return stage.script()


def park_and_pickup(rng: random.Random, office: Office) -> Script:
    """An agent parks the call; a colleague fetches it from another telephone."""
    stage = Stage("park_and_pickup", rng, office)
    (first, second), caller = office.draw(rng, 2), outsider(rng)
    session, fetching = stage.session(), stage.session()
    one = arrive(stage, session, caller, first)
    tape = answer(stage, one)
    stage.wait(31, 36)
    stage.stop(one, tape)
    one.park = {"id": "801"}
    stage.tell(one, "Parked", parkData="801")
    stage.wait(2, 8)
    device = {"phoneNumber": second.number, "extensionId": second.id, "deviceId": office.devices[second.id]}
    picking = stage.party(fetching, 1, "Outbound", device, {"phoneNumber": "*801"}, second.id)
    stage.tell(picking, "Setup")
    stage.wait(0.4)
    two = stage.party(session, 3, "Inbound", caller.within(), second.within(), second.id)
    stage.end(picking, "Gone", reason="Pickup", peerId={**session.peer, "partyId": two.id})
    one.park = {}
    stage.end(one, reason="Pickup")
    stage.wait(0.02)
    stage.tell(two, "Answered")
    stage.wait(0.2)
    stage.record(two)
    stage.wait(31, 36)
    stage.end(two)
    log_call(stage, caller, first, [one, two], direction="Inbound", legs_alone=True)
    return stage.script()


def many_recordings(rng: random.Random, office: Office) -> Script:
    """A menu, an agent recorded automatically and on demand, and a transfer: three ids over two parties."""
    stage = Stage("many_recordings", rng, office)
    (first, second), caller = office.draw(rng, 2), outsider(rng)
    session = stage.session()
    menu = stage.party(session, 2, "Inbound", caller.within(), office.menu.within(), office.menu.id)
    stage.tell(menu, "Answered")
    stage.wait(2, 5)
    stage.end(menu)
    one = arrive(stage, session, caller, first, 3)
    answer(stage, one)
    stage.wait(0.5, 2)
    stage.record(one, "OnDemand")
    stage.wait(31, 35)
    stage.end(one, reason="BlindTransfer")
    stage.wait(0.05, 0.5)
    two = arrive(stage, session, caller, second, 4)
    answer(stage, two)
    stage.wait(31, 36)
    stage.end(two)
    log_call(stage, caller, office.menu, [menu, one, two], direction="Inbound")
    return stage.script()
