import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.positions import Position, of_syntax_error, positions


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        ("a = 1\n", ("a",), (1, 1)),
        ("\n\n  a = 1\n", ("a",), (3, 3)),
        ("[t]\na = 1\n", ("t",), (1, 1)),
        ("[t]\na = 1\n", ("t", "a"), (2, 1)),
        ("[t] # why\n# a = 2\na = 1 # because\n", ("t", "a"), (3, 1)),
        ("t.a = 1\n", ("t", "a"), (1, 1)),
        ("t.a = 1\nt.b = 1\n", ("t",), (1, 1)),
        ("t . 'a b' = 1\n", ("t", "a b"), (1, 1)),
        ('"\\u0061" = 1\n', ("a",), (1, 1)),
        ("t = { a = 1, b = 2 }\n", ("t", "b"), (1, 14)),
        ('x = """\n[t]\na = 1"""\n[t]\na = 2\n', ("t", "a"), (5, 1)),
        ("x = '''\n'' a = 1'''''\nb = 1", ("b",), (3, 1)),
        ('x = """a"""""\nb = 1', ("b",), (2, 1)),
        ('x = "\\""\nb = 1', ("b",), (2, 1)),
        ('x = [ "]", [1, 2], # [\n { y = "}" }, ]\nb = 1', ("b",), (3, 1)),
        ("x = 1979-05-27 07:32:00Z\nb = 1", ("b",), (2, 1)),
        ("[[t]]\na = 1\n[[t]]\nb = 2", ("t", "b"), (4, 1)),
        ("x = {}\ny = []\nb = 1", ("b",), (3, 1)),
        ("t = { 'ü' = 1, b = 2 }\n", ("t", "b"), (1, 16)),
    ],
)
def test_a_key_is_found_where_it_stands(text: str, path: tuple[str, ...], place: tuple[int, int]) -> None:
    tomllib.loads(text)
    assert positions(text)[path] == place


NAMES = st.text(alphabet="ab-_9", min_size=1, max_size=4) | st.text(max_size=4)
VALUES = st.recursive(
    st.integers(-9, 9) | st.text(max_size=6) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


def _basic(text: str) -> str:
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text) + '"'


def _written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _basic(value)
        case list():
            return "[" + ",\n ".join(_written(item) for item in value) + "]"
        case _:
            return str(value)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4))
def test_every_key_of_any_document_has_a_place(document: dict[str, dict[str, object]]) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for table, values in document.items():
        expected[(table,)] = len("\n".join(lines).split("\n")) + bool(lines)
        lines.append(f"[{_basic(table)}]")
        for key, value in values.items():
            expected[table, key] = len("\n".join(lines).split("\n")) + 1
            lines.append(f"{_basic(key)} = {_written(value)}")
    text = "\n".join(lines)
    tomllib.loads(text)
    assert {path: place.line for path, place in positions(text).items()} == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [("a = 1\nb 2\n", (2, 3)), ("a = ", (1, 4)), ("a = 1\n[t", (2, 3)), ('a = 1\n\nb = """', (3, 8))],
)
def test_a_syntax_error_is_found_where_it_stands(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    words, found = of_syntax_error(caught.value, text)
    assert found == place
    assert "(at" not in words


def test_a_message_of_a_shape_we_do_not_know_points_at_the_start() -> None:
    assert of_syntax_error(tomllib.TOMLDecodeError("odd"), "a") == ("odd", Position(1, 1))
