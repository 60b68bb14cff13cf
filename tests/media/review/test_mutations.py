"""``diff`` names exactly the frames that changed, compared with films that were drawn whole; and
``test`` fails on every one of the changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.review.mutations import (
    MUTATIONS,
    Mutation,
    build,
    example,
    mutated,
    source,
    written,
)
from vedc.edit.model import Edit
from vedc.execute.render import render
from vedc.execute.store import Store
from vedc.review.compare.compare import Wanted, compared
from vedc.review.compare.sides import Drawing, SpecSide
from vedc.review.golden.cases import Case
from vedc.review.golden.check import check_film
from vedc.review.golden.measure import Film, measure
from vedc.review.golden.stored import read_film, write_film
from vedc.workspace.build import Build, Deciding
from vedc.workspace.planning import fuse_plans, plan_edit

pytestmark = pytest.mark.slow


def _drawn(made: Build, edit: Edit, folder: Path) -> list[np.ndarray]:
    """Every frame of the film, drawn in one go into its own store."""
    output = replace(
        edit.output, path=str(folder / "whole.mkv"), codec="ffv1", crf=None, audio_codec=None
    )
    plan = plan_edit(made, replace(edit, output=output))
    store = Store(folder / "store")
    render(fuse_plans([plan], store), store, threads=1)
    with av.open(output.path) as film:
        return [frame.to_ndarray() for frame in film.decode(video=0)]


@dataclass
class Example:
    """An example's state before any change."""

    folder: Path
    before: SpecSide
    frames: list[np.ndarray]
    expected: Film


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Example]:
    """The examples, each drawn and measured once; the stored film equals the drawn one."""
    made = {}
    for name in dict.fromkeys(mutation.example for mutation in MUTATIONS):
        folder = tmp_path_factory.mktemp(name)
        before = build(example(name, folder), folder / "cache")
        write_film(folder, "default", _measured(before))
        expected = read_film(folder, "default")
        assert expected is not None
        again = check_film(expected, _measured(before), Case())
        assert [check for check in again if check.failure] == []
        (edit,) = before.edits()
        side = SpecSide("old", before, edit)
        made[name] = Example(folder, side, _drawn(before, edit, folder), expected)
    return made


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_diff_names_exactly_the_frames_that_changed_and_test_fails(
    mutation: Mutation, workshop: dict[str, Example], tmp_path: Path
) -> None:
    known = workshop[mutation.example]
    file = written(known.folder, "changed", mutated(mutation))
    after = build(file, known.folder / "cache")
    _named_exactly(mutation, known, after, tmp_path)
    checks = check_film(known.expected, _measured(after), Case())
    failed = {check.name.partition(" at ")[0] for check in checks if check.failure}
    assert failed
    assert mutation.picture or failed <= {"loudness", "true peak", "levels"}


def _named_exactly(mutation: Mutation, known: Example, after: Build, folder: Path) -> None:
    (edit,) = after.edits()
    old, new = known.frames, _drawn(after, edit, folder)
    side = SpecSide("new", after, edit)
    with compared(known.before, side, Wanted(), Drawing(threads=1)) as (found, _):
        pass

    assert found.frames == (len(old), len(new))
    assert len(new) - len(old) == mutation.inserted
    assert bool(found.stretches) == mutation.picture
    assert not found.same
    # Walk through both films: frames that are not named are the same, and named ones differ.
    a = b = 0
    for stretch in [*found.stretches, None]:
        until = (len(old), len(new)) if stretch is None else (stretch.before[0], stretch.after[0])
        assert until[0] - a == until[1] - b
        for x, y in zip(range(a, until[0]), range(b, until[1]), strict=True):
            assert np.array_equal(old[x], new[y]), f"frame {y} differs and is not named"
        if stretch is None:
            break
        if stretch.kind == "changed":
            for x, y in zip(range(*stretch.before), range(*stretch.after), strict=True):
                assert not np.array_equal(old[x], new[y]), f"frame {y} is named and is the same"
        a, b = stretch.before[1], stretch.after[1]
    if not mutation.inserted and all(s.kind == "changed" for s in found.stretches):
        named = {n for stretch in found.stretches for n in range(*stretch.after)}
        assert named == {n for n in range(len(new)) if not np.array_equal(old[n], new[n])}
    # The plans alone name no fewer frames.
    can = {n for stretch in found.possible for n in range(*stretch.after)}
    assert can >= {n for stretch in found.stretches for n in range(*stretch.after)}


def _measured(made: Build) -> Film:
    return measure(made, Case(), Deciding(made), Drawing(threads=1))


def test_there_are_forty() -> None:
    assert len(MUTATIONS) >= 40
    assert all(mutated(each) != source(each.example) for each in MUTATIONS)
