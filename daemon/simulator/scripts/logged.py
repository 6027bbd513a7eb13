"""What a finished call will look like in the call log."""

from collections.abc import Sequence

from daemon.simulator.scripts.cast import Extension, Outsider
from daemon.simulator.scripts.script import LoggedCall, LoggedLeg
from daemon.simulator.scripts.stage import Party, Stage

Someone = Extension | Outsider


def log_call(  # noqa: PLR0913 - the facts of a record
    stage: Stage,
    sender: Someone,
    receiver: Someone,
    parties: Sequence[Party],
    *,
    direction: str,
    result: str = "Accepted",
    legs_alone: bool = False,
) -> None:
    """Write the record of one session, with a leg for each party and for each further recording of it.

    RingCentral's own sample repeats one recording on the record and on two of its legs; with `legs_alone`
    a leg is the only place that names it (ringcentral-protocol.md section 7).
    """
    master = parties[0]
    owner = next((p.extension_id for p in reversed(parties) if p.recordings), None) or master.extension_id
    named = [(party, id_) for party in parties for id_ in (*party.recordings, *([] if party.recordings else [None]))]
    first = next((id_ for _, id_ in named if id_), None)
    legs: list[LoggedLeg] = []
    seen: set[str] = set()
    for number, (party, id_) in enumerate(named):
        shown = None if id_ in seen else id_
        if number == 0 and shown is None and not legs_alone:
            shown = first  # the master leg repeats what the record says
        elif shown is not None:
            seen.add(shown)
        legs.append(
            LoggedLeg(
                start=party.since,
                end=stage.now if party.until is None else party.until,
                direction=party.direction,
                action="Phone Call" if number == 0 else "Transfer",
                leg_type="Accept" if number == 0 else "TransferCall",
                result=result,
                extension_id=party.extension_id,
                sender=sender.logged(),
                receiver=receiver.logged(),
                recording_id=shown,
                master=number == 0,
            )
        )
    stage.log.append(
        LoggedCall(
            id=f"{stage.rng.getrandbits(72):X}",
            session_id=master.session.id,
            telephony_session_id=master.session.telephony_id,
            start=min(party.since for party in parties),
            end=max(leg.end for leg in legs),
            direction=direction,
            action="Phone Call" if isinstance(sender, Outsider) else "VoIP Call",
            result=result,
            extension_id=owner,
            sender=sender.logged(),
            receiver=receiver.logged(),
            recording_id=None if legs_alone else first,
            legs=tuple(legs),
        )
    )
