"""Films with a network: whatever the split into segments and the threads, the same frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from safetensors.numpy import save_file

from vedc.errors import SpecError, UserError
from vedc.execute.devices.device import Device
from vedc.models.clean import network
from vedc.nn.run import run
from vedc.plan.describe import as_text, describe
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.networks import add_costs
from vedc.workspace.planning import fuse_plan, plan_edit

FRAMES, SIZE = 12, (96, 64)
FILM = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "gbrp10le"}
CLEAN = {"op": "clean", "strength": 0.08}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clip of 12 frames, lossless: a ramp with noise, and a brightness that identifies the
    frame."""
    random = np.random.default_rng(5)
    with av.open(str(tmp_path / "noisy.mkv"), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "bgr0"
        for number in range(FRAMES):
            ramp = np.linspace(40, 160, SIZE[0])[None, :, None] + 6 * number
            noise = random.normal(0, 20, (SIZE[1], SIZE[0], 3))
            picture = (ramp + noise).clip(0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            film.mux(stream.encode(frame.reformat(format="bgr0")))
        film.mux(stream.encode())
    return tmp_path


def built(folder: Path, items: list[Any], name: str = "film", **profile: Any) -> Build:
    path = folder / f"{name}.vedc.yaml"
    canvas = {"width": SIZE[0], "height": SIZE[1], "fps": 25, "color": "srgb"} | profile
    spec = {
        "version": 1,
        "profile": canvas,
        "timeline": items,
        "outputs": [FILM | {"path": f"{name}.mkv"}],
    }
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return Build(path)


def frames(build: Build, **options: Any) -> list[Any]:
    (summary,) = deliver(build, replace=True, **options)
    with av.open(summary.target) as film:
        return [f.to_ndarray(format="rgb24") for f in film.decode(video=0)]


def test_the_window_is_the_frame_and_its_neighbours(folder: Path) -> None:
    """Against the network itself, on the file's frames; at the ends the outermost repeats."""
    with av.open(str(folder / "noisy.mkv")) as film:
        given = [f.to_ndarray(format="rgb24") for f in film.decode(video=0)]
    layers = [np.float32(f.transpose(2, 0, 1)) / np.float32(255) for f in given]
    seen = frames(built(folder, [{"clip": "noisy.mkv", "effects": [CLEAN]}]))
    assert len(seen) == FRAMES
    for n, picture in enumerate(seen):
        around = [layers[min(max(n + k, 0), FRAMES - 1)] for k in (-1, 0, 1)]
        wanted = run("clean", around, {"strength": 0.08}, "cv").transpose(1, 2, 0) * 255
        assert np.abs(picture - wanted.clip(0, 255)).max() <= 1.6, n  # 10 bits, then 8


def test_splits_and_threads_change_no_bit(folder: Path) -> None:
    whole = frames(built(folder, [{"clip": "noisy.mkv", "effects": [CLEAN]}]))
    parts = [
        {"clip": "noisy.mkv", "in": f"{a}f", "out": f"{b}f", "effects": [CLEAN]}
        for a, b in ((0, 1), (1, 5), (5, 6), (6, 12))
    ]
    for threads in (1, 2):
        seen = frames(built(folder, parts, f"parts{threads}"), threads=threads)
        assert all(np.array_equal(a, b) for a, b in zip(whole, seen, strict=True))


def test_backwards_the_window_turns_around(folder: Path) -> None:
    there = frames(built(folder, [{"clip": "noisy.mkv", "effects": [CLEAN]}]))
    item = {"clip": "noisy.mkv", "reverse": True, "effects": [CLEAN]}
    back = frames(built(folder, [item], "back"))
    # The network is not exactly symmetric in time, so only nearly the same.
    assert len(back) == FRAMES
    differences = [np.abs(a.astype(int) - b).mean() for a, b in zip(there, back[::-1], strict=True)]
    assert max(differences) < 3


def test_a_part_of_an_item_and_a_grade_below(folder: Path) -> None:
    left = {"op": "rectangle", "center": [0.25, 0.5], "size": [0.5, 1.0]}
    grade = [{"op": "exposure", "stops": 0.3}]
    plain = frames(built(folder, [{"clip": "noisy.mkv", "grade": grade}]))
    masked = {"clip": "noisy.mkv", "grade": grade, "effects": [CLEAN | {"mask": left}]}
    seen = frames(built(folder, [masked], "masked"))
    assert np.array_equal(seen[4][:, 50:], plain[4][:, 50:])
    assert np.std(seen[4][:, :40]) < np.std(plain[4][:, :40])


def test_no_noise_to_take_away_is_no_network(folder: Path) -> None:
    still = [{"clip": "noisy.mkv", "effects": [{"op": "clean", "strength": 0}]}]
    build = built(folder, still)
    plan = fuse_plan(plan_edit(build, build.edits()[0]))
    assert "network" not in as_text(describe(plan, lambda key: False))


def test_strength_may_move(folder: Path) -> None:
    moving = {"keyframes": [{"time": "0f", "value": 0}, {"time": "11f", "value": 0.1}]}
    item = {"clip": "noisy.mkv", "effects": [{"op": "clean", "strength": moving}]}
    seen = frames(built(folder, [item]))
    assert np.std(np.diff(seen[0].astype(int), axis=0)) > 3 * np.std(
        np.diff(seen[-1].astype(int), axis=0)
    )


def test_what_runs_it_is_part_of_the_key(folder: Path) -> None:
    build = built(folder, [{"clip": "noisy.mkv", "effects": [CLEAN]}])
    plain = built(folder, [{"clip": "noisy.mkv"}], "plain")
    by = [Device(), Device(networks="torch")]
    assert len({plan_edit(build, build.edits()[0], device=d).keys[0] for d in by}) == 2
    assert len({plan_edit(plain, plain.edits()[0], device=d).keys[0] for d in by}) == 1


def test_plan_shows_the_cost(folder: Path) -> None:
    build = built(folder, [{"clip": "noisy.mkv", "effects": [CLEAN]}])
    reported = describe(fuse_plan(plan_edit(build, build.edits()[0])), lambda key: False)
    add_costs(reported, Device(), folder / "cache")
    (step,) = [s for s in reported["segments"][0]["pieces"][0]["steps"] if "network" in s]
    assert step["window"] == [-1, 1] and step["gmac"] > 0 and step["frames_per_second"] > 0
    text = as_text(reported)
    assert "network clean 96x64, frames -1 to +1" in text and "GMAC a frame" in text
    assert (folder / "cache" / "network-speed.json").is_file()


def test_on_a_track_there_are_no_earlier_frames(folder: Path) -> None:
    adjusted = {"adjustment": True, "duration": "4f", "effects": [CLEAN]}
    with pytest.raises(SpecError) as caught:
        built(folder, [adjusted]).edits()
    assert {p.code for p in caught.value.problems} == {"no-earlier-frames"}


def test_a_film_within_a_film(folder: Path) -> None:
    inner = {"timeline": [{"clip": "noisy.mkv"}]}
    whole = frames(built(folder, [{"clip": "noisy.mkv", "effects": [CLEAN]}]))
    seen = frames(built(folder, [{"composition": inner, "effects": [CLEAN]}], "nested"))
    # A composition that others look back into is kept as a film of 12 bits.
    off = [np.abs(a.astype(int) - b).max() for a, b in zip(whole, seen, strict=True)]
    assert max(off) <= 1
    assert Fraction(len(seen), 25) == Fraction(FRAMES, 25)


def own_weights(
    folder: Path, name: str = "mine.safetensors", arch: str = "clean"
) -> dict[str, Any]:
    """Weights that draw everything grey, and the call that uses them."""
    arrays = {key: np.zeros(shape, np.float32) for key, shape in network.shapes().items()}
    arrays["leave.bias"] = np.repeat(np.float32([0.5, 20]), 12)
    save_file(arrays, str(folder / name), {"arch": arch})
    return CLEAN | {"src": name}


def test_own_weights_replace_the_built_in_ones(folder: Path) -> None:
    item = {"clip": "noisy.mkv", "effects": [own_weights(folder)]}
    build = built(folder, [item])
    seen = frames(build)
    assert np.abs(seen[3].astype(int) - 128).max() <= 1
    key = plan_edit(build, build.edits()[0]).keys[0]
    other = network.initial(1)
    save_file(other, str(folder / "mine.safetensors"), {"arch": "clean"})
    (folder / "vedc.lock").unlink()  # which pins the first ones
    build = built(folder, [item])
    assert plan_edit(build, build.edits()[0]).keys[0] != key


def test_own_weights_may_be_an_asset(folder: Path) -> None:
    own_weights(folder)
    built(folder, [{"clip": "noisy.mkv", "effects": [CLEAN | {"asset": "mine"}]}])
    path = folder / "film.vedc.yaml"
    path.write_text(path.read_text() + "assets: {mine: {src: mine.safetensors}}\n")
    assert np.abs(frames(Build(path))[3].astype(int) - 128).max() <= 1


def test_weights_that_do_not_fit_are_refused_where_they_are_named(folder: Path) -> None:
    own_weights(folder, "style.safetensors", "style")
    (folder / "text.safetensors").write_text("not weights")
    cases = {"style.safetensors": "bad-weights", "text.safetensors": "bad-weights"}
    for name, code in (cases | {"none.safetensors": "weights-missing"}).items():
        item = {"clip": "noisy.mkv", "effects": [CLEAN | {"src": name}]}
        with pytest.raises(UserError) as caught:
            built(folder, [item]).edits()
        (problem,) = caught.value.problems
        assert problem.code == code and problem.location is not None
        assert problem.location.line > 1 and name in problem.message
