"""Films in a style: colours kept or taken, splits and threads that change no bit, own styles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from safetensors.numpy import save_file

from vedc.errors import MissingError, SpecError, UserError
from vedc.models.style import network, start
from vedc.nn.run import run
from vedc.plan.describe import as_text, describe
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, plan_edit

FRAMES, SIZE = 7, (112, 80)
FILM = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "gbrp10le"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lossless clip: an orange disc that moves over a green slope."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    with av.open(str(tmp_path / "disc.mkv"), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "bgr0"
        for number in range(FRAMES):
            picture = np.stack([60 + 0 * x, 80 + x, 50 + y], -1).astype(np.uint8)
            picture[(x - 30 - 5 * number) ** 2 + (y - 40) ** 2 < 400] = (230, 140, 60)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            film.mux(stream.encode(frame.reformat(format="bgr0")))
        film.mux(stream.encode())
    return tmp_path


def built(folder: Path, items: list[Any], name: str = "film", **more: Any) -> Build:
    path = folder / f"{name}.vedc.yaml"
    spec = {
        "version": 1,
        "profile": {"width": SIZE[0], "height": SIZE[1], "fps": 25, "color": "srgb"},
        "timeline": items,
        "outputs": [FILM | {"path": f"{name}.mkv"}],
    }
    path.write_text(yaml.safe_dump(spec | more, sort_keys=False))
    return Build(path)


def clip(**style: Any) -> dict[str, Any]:
    return {"clip": "disc.mkv", "effects": [{"op": "style", **style}]}


def frames(build: Build, **options: Any) -> list[Any]:
    (summary,) = deliver(build, replace=True, **options)
    with av.open(summary.target) as film:
        return [f.to_ndarray(format="rgb24").astype(int) for f in film.decode(video=0)]


def given(folder: Path) -> list[Any]:
    with av.open(str(folder / "disc.mkv")) as film:
        return [f.to_ndarray(format="rgb24").astype(int) for f in film.decode(video=0)]


def test_the_film_is_what_the_network_makes_of_frames_and_neighbours(folder: Path) -> None:
    layers = [np.float32(f.transpose(2, 0, 1)) / np.float32(255) for f in given(folder)]
    seen = frames(built(folder, [clip(detail=0.3, painting="the_scream")]))
    assert len(seen) == FRAMES
    numbers = {"strength": 1.0, "color": 1.0, "detail": 0.3, "strokes": 0.3}
    for n, picture in enumerate(seen):
        around = [layers[min(max(n + k, 0), FRAMES - 1)] for k in (-1, 0, 1)]
        asked = {**numbers, "weights": "the_scream"}
        wanted = run("style", around, asked, "cv").transpose(1, 2, 0) * 255
        assert np.abs(picture - wanted.clip(0, 255)).max() <= 1.6, n  # 10 bits, then 8


def test_strokes_move_with_keyframes(folder: Path) -> None:
    layers = [np.float32(f.transpose(2, 0, 1)) / np.float32(255) for f in given(folder)]
    ends = [{"time": "0f", "value": [0.5, 0.5]}, {"time": "6f", "value": [0.8, 0.2]}]
    moved = clip(strokes=1.0, angle=30, scale=0.8, position={"keyframes": ends})
    numbers = {"strength": 1.0, "color": 1.0, "detail": 0.5, "strokes": 1.0, "weights": ""}
    for n, picture in enumerate(frames(built(folder, [moved]))):
        around = [layers[min(max(n + k, 0), FRAMES - 1)] for k in (-1, 0, 1)]
        place = {"position": (0.5 + 0.05 * n, 0.5 - 0.05 * n), "angle": 30.0, "scale": 0.8}
        wanted = run("style", around, {**numbers, **place}, "cv").transpose(1, 2, 0) * 255
        still = run("style", around, numbers, "cv").transpose(1, 2, 0) * 255
        assert np.abs(picture - wanted.clip(0, 255)).max() <= 1.6, n
        assert np.abs(still - wanted).max() > 10, n


def test_splits_and_threads_change_no_bit(folder: Path) -> None:
    whole = frames(built(folder, [clip()]))
    parts = [clip() | {"in": f"{a}f", "out": f"{b}f"} for a, b in ((0, 1), (1, 4), (4, 7))]
    for threads in (1, 2):
        seen = frames(built(folder, parts, f"parts{threads}"), threads=threads)
        assert all(np.array_equal(a, b) for a, b in zip(whole, seen, strict=True))


def test_nothing_is_drawn_beside_the_picture(folder: Path) -> None:
    """Where it covers nothing, the layers below are unchanged."""
    timeline = {"tracks": [{"clips": [{"color": "red", "duration": "2f"}]},
                           {"clips": [clip() | {"duration": "2f", "width": "50%"}]}]}  # fmt: skip
    for picture in frames(built(folder, [], timeline=timeline)):
        assert (picture[:, :24] == (255, 0, 0)).all() and (picture[:, 88:] == (255, 0, 0)).all()
        assert (picture[40, 56] != (255, 0, 0)).any()


def test_colours_are_kept_taken_or_mixed(folder: Path) -> None:
    plain = given(folder)[3]
    kept, mixed, taken = (
        frames(built(folder, [clip(color=color)], color))[3] for color in ("keep", "mix", "style")
    )

    def chroma(picture: Any) -> Any:
        luma = picture @ np.array([0.2126, 0.7152, 0.0722])
        inside = (picture.min(-1) > 2) & (picture.max(-1) < 253)
        return picture - luma[..., None], inside

    (was, _), (now, inside) = chroma(plain), chroma(kept)
    assert inside.mean() > 0.5
    assert np.abs(was - now)[inside].max() < 3
    assert np.abs(chroma(taken)[0] - was).mean() > 3
    both = inside & chroma(taken)[1] & chroma(mixed)[1]
    assert np.abs(mixed - (kept + taken) / 2)[both].max() <= 1.5


def test_detail_brings_fine_lines_back_and_no_strength_is_no_network(folder: Path) -> None:
    plain = given(folder)[3]
    soft, fine = (
        frames(built(folder, [clip(detail=detail)], f"d{i}"))[3]
        for i, detail in enumerate((0.0, 1.0))
    )
    edges = [np.abs(np.diff(p, axis=1)).mean() for p in (soft, fine)]
    assert edges[1] > edges[0]
    build = built(folder, [clip(strength=0)], "none")
    assert np.abs(frames(build)[3] - plain).max() <= 1  # 10 bits, then 8
    plan = fuse_plan(plan_edit(build, build.edits()[0]))
    assert "network" not in as_text(describe(plan, lambda key: False))


def own_style(folder: Path, size: str = "xs") -> str:
    """A style that leaves a frame without its finest texture."""
    arrays = {k: np.zeros(s, np.float16) for k, s in network.shapes(size).items()}
    arrays |= {f"start.{k}": a.astype(np.float16) for k, a in start.neutral().items()}
    name = f"{size}.safetensors"
    save_file(arrays, str(folder / name), {"arch": "style", "size": size})
    return name


def test_own_styles_of_any_size(folder: Path) -> None:
    for size in network.SIZES:
        assets = {"own": {"src": own_style(folder, size)}}
        seen = frames(built(folder, [clip(asset="own", detail=0)], size, assets=assets))
        assert np.abs(seen[3] - given(folder)[3]).mean() < 6


def test_bad_values_and_files_are_refused(folder: Path) -> None:
    cases: dict[str, dict[str, Any]] = {
        "color": {"color": "blue"},
        "strength": {"strength": 2},
        "detail": {"detail": -1},
        "painting": {"painting": "mona_lisa"},
    }
    for word, style in cases.items():
        with pytest.raises(SpecError) as caught:
            built(folder, [clip(**style)]).edits()
        (problem,) = caught.value.problems
        assert word in problem.message and problem.location is not None
    (folder / "text.safetensors").write_text("not weights")
    for name, error in {"text.safetensors": UserError, "none.safetensors": MissingError}.items():
        with pytest.raises(error):
            built(folder, [clip(src=name)]).edits()
