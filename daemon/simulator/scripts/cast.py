"""Who is on the telephone: an office of extensions, and people outside it.

All numbers are of the 555-01xx kind that is nobody's; all names are invented.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

NAMES = (
    "Jane Doe",
    "John Smith",
    "María Núñez",
    "Zoë Brontë-O'Hara",
    "Иван Петров",
    "山田 花子",
    "ليلى حداد",
    "Renée d'Été",
    "Łukasz Żak",
    "Νίκος Παππάς",
    "דנה כהן",
    "Sam & Co. <Sales>",
)
AREAS = ("650", "415", "212", "303", "503", "720")


@dataclass(frozen=True, slots=True)
class Extension:
    """Someone (or something: a menu, a queue) inside the account."""

    id: str
    name: str
    number: str
    short: str

    def within(self) -> dict[str, str]:
        """Describe it as the called side of a notification does."""
        return {"phoneNumber": self.number, "name": self.name, "extensionId": self.id}

    def logged(self) -> dict[str, str]:
        """Describe it as the call log does."""
        return {
            "phoneNumber": self.number,
            "extensionNumber": self.short,
            "extensionId": self.id,
            "name": self.name,
        }


@dataclass(frozen=True, slots=True)
class Outsider:
    """Someone outside the account; only some of them are known by name."""

    number: str
    name: str | None

    def within(self) -> dict[str, str]:
        """Describe them as a notification does."""
        return {"phoneNumber": self.number} | ({"name": self.name} if self.name else {})

    def logged(self) -> dict[str, str]:
        """Describe them as the call log does."""
        return {**self.within(), "location": "Redwood City, CA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The account all calls belong to; its first extension is the logged-in user's."""

    account_id: str
    people: tuple[Extension, ...]
    menu: Extension
    queue: Extension
    devices: Mapping[str, str]
    shuffled: bool = True
    """Draw people at random; otherwise in their order, the logged-in user first."""

    def draw(self, rng: random.Random, count: int) -> list[Extension]:
        """Choose so many different people."""
        return rng.sample(self.people, count) if self.shuffled else list(self.people[:count])


def office(account_id: str, extension_id: str, *, shuffled: bool = True) -> Office:
    """Furnish an account whose logged-in user has `extension_id`."""
    ids = [extension_id, *(str(980_000_016 + n * 1_000) for n in range(7))]
    people = tuple(
        Extension(id_, NAMES[n % len(NAMES)], f"+165055501{10 + n:02d}", str(101 + n)) for n, id_ in enumerate(ids)
    )
    return Office(
        account_id=account_id,
        people=people,
        menu=Extension("990000016", "Main Menu", "+16505550100", "1"),
        queue=Extension("991000016", "Support Queue", "+16505550101", "2"),
        devices={person.id: str(210_074_565_016 + n * 1_000) for n, person in enumerate(people)},
        shuffled=shuffled,
    )


def outsider(rng: random.Random) -> Outsider:
    """Invent somebody."""
    number = f"+1{rng.choice(AREAS)}55501{rng.randrange(100):02d}"
    return Outsider(number, rng.choice(NAMES) if rng.random() < 0.7 else None)  # noqa: PLR2004 - most are known
