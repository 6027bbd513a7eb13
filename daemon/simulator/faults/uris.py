"""Where the call log says the content is."""

from urllib.parse import urlsplit

from daemon.simulator.world import World


def content_uri(world: World, path: str) -> str:
    """Write a contentUri: the media host's, unless a fault names a host that the token must not go to."""
    foreign = urlsplit(world.foreign_url)
    if world.faults.bites("media.foreign-content-uri"):
        return f"{world.foreign_url}{path}/content"
    if world.faults.bites("media.http-content-uri"):
        return f"http://localhost:{foreign.port}{path}/content"
    if world.faults.bites("media.userinfo-content-uri"):
        return f"{world.media_url}@{foreign.netloc}{path}/content"
    return f"{world.media_url}{path}/content"
