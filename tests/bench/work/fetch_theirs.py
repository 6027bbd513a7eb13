"""Others download, the way their own examples do; they hash nothing, sync nothing, and remember nothing."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

from tests.bench.media import KINDS, address, ids
from tests.bench.work import carry_out

AT_A_TIME = 8
PIECE = 1 << 16


def by_requests(urls: Mapping[str, Path]) -> None:
    """Download by requests, in threads with a session each."""
    import requests  # noqa: PLC0415  each way has a library of its own, and not every interpreter has all

    mine = local()

    def fetch(url: str, path: Path) -> None:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
        with mine.session.get(url, stream=True, timeout=60) as answer, path.open("wb") as file:
            answer.raise_for_status()
            for piece in answer.iter_content(PIECE):
                file.write(piece)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(fetch, urls, urls.values()))


def by_httpx(urls: Mapping[str, Path]) -> None:
    """Download by httpx, in tasks that share a client."""
    import httpx  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  likewise

    async def all_of_them() -> None:
        turns = asyncio.Semaphore(AT_A_TIME)
        async with httpx.AsyncClient(timeout=60) as client:

            async def fetch(url: str, path: Path) -> None:
                async with turns, client.stream("GET", url) as answer:
                    answer.raise_for_status()
                    with path.open("wb") as file:
                        async for piece in answer.aiter_bytes(PIECE):
                            file.write(piece)

            await asyncio.gather(*(fetch(url, path) for url, path in urls.items()))

    asyncio.run(all_of_them())


def by_sdk(urls: Mapping[str, Path]) -> None:
    """Download one by one by the official SDK, which has no other way."""
    fetch = _sdk()
    for url, path in urls.items():
        fetch(url, path)


def in_threads(urls: Mapping[str, Path]) -> None:
    """Download by the official SDK in a thread for each file: what the memory row asks for."""
    with ThreadPoolExecutor(len(urls)) as pool:
        list(pool.map(_sdk(), urls, urls.values()))


def _sdk() -> Callable[[str, Path], None]:
    import requests  # noqa: PLC0415  likewise
    from ringcentral import SDK  # noqa: PLC0415  likewise

    class Trusting(requests.Session):
        """Whom the environment trusts, it trusts: the SDK's own sessions do not look there."""

        def __init__(self) -> None:
            super().__init__()
            self.verify = os.environ["REQUESTS_CA_BUNDLE"]

    requests.sessions.Session = Trusting  # type: ignore[misc]
    platform = SDK("id", "secret", "https://127.0.0.1").platform()

    def fetch(url: str, path: Path) -> None:
        answer = platform.get(url, headers={"Authorization": "Bearer a-token"}, skip_auth_check=True)
        path.write_bytes(answer.response().content)

    return fetch


WAYS: Mapping[str, Callable[[Mapping[str, Path]], None]] = {
    "requests": by_requests,
    "httpx": by_httpx,
    "sdk": by_sdk,
    "sdk threads": in_threads,
}


def job(how: str, host: str, kind: int, many: int, place: str) -> Mapping[str, float]:
    """Measure one way."""
    urls = {address(host, one): Path(place) / f"{one}.mp3" for one in ids(KINDS[kind], many)}
    began, cpu = time.perf_counter(), time.process_time()
    WAYS[how](urls)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"rate": many / took, "cpu": 1000 * cpu / many}


if __name__ == "__main__":
    carry_out(job)
