"""``diff`` names exactly the frames that changed, compared with films that were drawn whole; and
``test`` fails on every one of the changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.review.mutations import MUTATIONS, Mutation, build, example, mutated, source
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


def _drawn(made: Build, folder: Path) -> list[np.ndarray]:
    """Every frame of the film, drawn in one go into a store of its own."""
    (edit,) = made.edits()
    output = replace(
        edit.output, path=str(folder / "whole.mkv"), codec="ffv1", crf=None, audio_codec=None
    )
    plan = plan_edit(made, replace(edit, output=output))
    store = Store(folder / "store")
    render(fuse_plans([plan], store), store, threads=1)
    with av.open(output.path) as film:
        return [frame.to_ndarray() for frame in film.decode(video=0)]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("mutations")
    return folder, {}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_exactly_the_frames_that_changed(
    mutation: Mutation, workshop: tuple[Path, dict], tmp_path: Path
) -> None:
    folder, known = workshop
    base = folder / mutation.example
    if mutation.example not in known:
        before = build(example(mutation.example, base), folder / "cache")
        known[mutation.example] = before, _drawn(before, base)
    before, old = known[mutation.example]
    after = build(example(mutation.example, tmp_path / "new", mutated(mutation)), folder / "cache")
    new = _drawn(after, tmp_path)
    sides = [SpecSide(name, b, b.edits()[0]) for name, b in (("old", before), ("new", after))]
    with compared(*sides, Wanted(), Drawing(threads=1)) as (found, _):
        pass

    assert found.frames == (len(old), len(new))
    assert len(new) - len(old) == mutation.inserted
    assert bool(found.stretches) == mutation.picture
    assert not found.same
    # Walk through both films: what is not named is the same, and what is named differs.
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
    # The plans alone tell of no frame less.
    can = {n for stretch in found.possible for n in range(*stretch.after)}
    assert can >= {n for stretch in found.stretches for n in range(*stretch.after)}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_a_test_fails(mutation: Mutation, workshop: tuple[Path, dict], tmp_path: Path) -> None:
    folder, known = workshop
    name = f"expected {mutation.example}"
    if name not in known:
        base = build(example(mutation.example, folder / name), folder / "cache")
        write_film(folder / name, "default", _measured(base))
        again = check_film(read_film(folder / name, "default"), _measured(base), Case())
        assert [check for check in again if check.failure] == []
        known[name] = read_film(folder / name, "default")
    changed = build(
        example(mutation.example, tmp_path / "new", mutated(mutation)), folder / "cache"
    )
    checks = check_film(known[name], _measured(changed), Case())
    failed = {check.name.partition(" at ")[0] for check in checks if check.failure}
    assert failed
    assert mutation.picture or failed <= {"loudness", "true peak", "levels"}


def _measured(made: Build) -> Film:
    return measure(made, Case(), Deciding(made), Drawing(threads=1))


def test_there_are_forty() -> None:
    assert len(MUTATIONS) >= 40
    assert all(mutated(each) != source(each.example) for each in MUTATIONS)
