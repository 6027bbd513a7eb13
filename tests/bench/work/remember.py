"""How much memory downloads take beyond what the program has once it is imported."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from tests.bench.media import KINDS, address, ids
from tests.bench.work import carry_out
from tests.bench.work.fetch_ours import download
from tests.bench.work.fetch_theirs import in_threads
from tests.bench.work.ours import log_to
from tests.bench.work.residence import forget, highest, resident


def job(how: str, host: str, kind: int, many: int, concurrency: int, place: str) -> Mapping[str, float]:  # noqa: PLR0913, PLR0917  one of each
    """Measure one way."""
    imported = resident()
    forget()
    if how == "ours":
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            log_to(nowhere)
            asyncio.run(download(host, ids(KINDS[kind], many), Path(place), concurrency))
    else:
        in_threads({address(host, one): Path(place) / f"{one}.mp3" for one in ids(KINDS[kind], many)})
    return {"imported": imported, "most": highest(), "more": highest() - imported}


if __name__ == "__main__":
    carry_out(job)
