"""A picture as HTML: made on the server, without a script and without a word from outside."""

from dataclasses import dataclass
from pathlib import Path

import jinja2

from daemon.adapters.listener import words
from daemon.core.panorama import Hour, Panorama
from daemon.core.standing import Standing, complaints, summary

HERE = Path(__file__).parent
TALLEST = 60
"""Units of a bar, as the template draws it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour, drawn."""

    begins: str
    height: float
    words: str


def draw(picture: Panorama) -> str:
    """Draw a picture."""
    hours = picture.shelf.hours if picture.shelf else ()
    most = max((hour.recordings for hour in hours), default=0)
    return TEMPLATE.render(
        it=picture,
        standing=picture.standing,
        now=picture.standing.at,
        title=_title(picture.standing),
        troubles=complaints(picture.standing),
        bars=[_bar(hour, most) for hour in hours],
        most=most,
        total=sum(hour.recordings for hour in hours),
        total_bytes=sum(hour.bytes for hour in hours),
    )


def _title(standing: Standing) -> str:
    """Say what a browser's tab has room for: whether anything is wrong, and what."""
    troubles = [complaint.trouble.value for complaint in complaints(standing)]
    if not troubles:
        return f"● recordingd: {words.shown(summary(standing))}"
    return f"▲ {words.count(len(troubles), 'trouble')}: {', '.join(troubles)} · recordingd"


def _bar(hour: Hour, most: int) -> Bar:
    height = 0.0 if not hour.recordings else max(TALLEST * hour.recordings / most, 1.0)
    begins = f"{hour.begins:%H:00}"
    return Bar(
        begins, round(height, 1), f"{begins}: {words.count(hour.recordings, 'recording')}, {words.size(hour.bytes)}"
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "clock": words.clock,
        "count": words.count,
        "lasting": words.lasting,
        "number": words.number,
        "prose": words.prose,
        "shown": words.shown,
        "size": words.size,
    }
    return environment.get_template("page.html.j2")


TEMPLATE = _template()
STYLE = (HERE / "style.css").read_text(encoding="utf-8")
