"""Lazy dataclasses behave as the originals do."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from vedc.support.lazy_dataclass import dataclass, field
from vedc.support.lazy_dataclass import dataclass as lazy
from vedc.support.lazy_dataclass import field as lazy_field


@dataclass(frozen=True, slots=True)
class Pickled:
    x: int
    y: tuple[int, ...] = (1,)


def twins(**options: bool) -> tuple[Any, Any]:
    """One class by both; its bodies cannot be shared, as each consumes its fields."""

    def body(field: Callable[..., Any]) -> type:
        class Point:
            """A point."""

            x: int
            y: float = 2.0
            tags: list[str] = field(default_factory=list)
            note: str | None = field(default=None, compare=False)

            @property
            def double(self) -> float:
                return self.y * 2

        return Point

    real = dataclasses.dataclass(**options)(body(dataclasses.field))  # type: ignore[call-overload]
    return real, lazy(**options)(body(lazy_field))  # type: ignore[call-overload]


OPTIONS = [
    {"frozen": frozen, "slots": slots, "eq": eq}
    for frozen, slots, eq in itertools.product((False, True), repeat=3)
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_instances_are_alike(options: dict[str, bool]) -> None:
    real, own = twins(**options)
    for round_ in range(30):  # compiled on the way
        one, other = real(1, note="n"), own(1, note="n")
        assert repr(one) == repr(other)
        assert (other.x, other.y, other.tags, other.double) == (1, 2.0, [], 4.0)
        assert other.tags is not own(1).tags
        assert (own(1, 2.0) == other) == (real(1, 2.0) == one) == options["eq"]
        assert own(round_, 3.0) != own(round_, 4.0)
        assert own(1) != (1, 2.0, [])
        assert dataclasses.asdict(other) == dataclasses.asdict(one)
        assert dataclasses.replace(other, x=5).x == 5
        assert hasattr(other, "__dict__") == hasattr(one, "__dict__")
    assert [f.name for f in dataclasses.fields(own)] == ["x", "y", "tags", "note"]
    assert (own.__match_args__, own.__doc__) == (real.__match_args__, "A point.")
    assert own.__qualname__ == real.__qualname__ and own.__module__ == real.__module__


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_both_refuse_the_same(options: dict[str, bool]) -> None:
    def outcome(cls: Any, act: Callable[[Any], Any]) -> str:
        try:
            act(cls)
        except (TypeError, AttributeError) as error:
            return f"{type(error).__name__}: {error}".replace("twins.<locals>.body.<locals>.", "")
        return "fine"

    acts: list[Callable[[Any], Any]] = [
        lambda cls: cls(),
        lambda cls: cls(1, 2, 3, 4, 5),
        lambda cls: cls(1, x=1),
        lambda cls: cls(1, z=1),
        lambda cls: setattr(cls(1), "x", 2),
        lambda cls: delattr(cls(1), "x"),
        lambda cls: setattr(cls(1), "other", 2),
    ]
    for act in acts:
        real, own = (outcome(cls, act) for cls in twins(**options))
        assert (real == "fine") == (own == "fine")
    for cls in twins(**options):
        hashed = outcome(cls, lambda cls: hash(cls(1, 2.0, ())))
        assert (hashed == "fine") == (options["frozen"] or not options["eq"])


def test_equal_frozen_instances_hash_alike() -> None:
    assert (
        hash(Pickled(1)) == hash(Pickled(1, (1,)))
        and len({Pickled(1), Pickled(1), Pickled(2)}) == 2
    )


def test_pickles_and_copies() -> None:
    for thing in (Pickled(3), Pickled(4, (5, 6))):
        assert (
            pickle.loads(pickle.dumps(thing)) == copy.copy(thing) == copy.deepcopy(thing) == thing
        )


def test_ordered() -> None:
    @dataclass(frozen=True, slots=True, order=True)
    class Place:
        line: int
        column: int = 1

    assert sorted([Place(2), Place(1, 5), Place(1)]) == [Place(1), Place(1, 5), Place(2)]
    assert Place(1) <= Place(1) and not Place(1) > Place(1)


def test_what_follows_initialisation_runs() -> None:
    @dataclass(frozen=True)
    class Checked:
        x: int
        seen: list[int] = field(default_factory=list)

        def __post_init__(self) -> None:
            self.seen.append(self.x)

    assert all(Checked(n).seen == [n] for n in range(30))


def test_a_class_that_inherits_fields_is_a_dataclass() -> None:
    @dataclass(frozen=True, slots=True)
    class Deeper(Pickled):
        z: int = 0

    assert Deeper(1, (), 2) == Deeper(1, z=2, y=())
    assert [f.name for f in dataclasses.fields(Deeper)] == ["x", "y", "z"]
