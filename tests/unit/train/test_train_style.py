"""Styles: what their losses prefer, what a training writes, how it resumes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from tests.error.support import run
from vedc.errors import MissingError, SpecError, UserError
from vedc.models.style import network
from vedc.train.cuts.settings import TrainingProgress
from vedc.train.style import content as content_module
from vedc.train.style import losses, pictures
from vedc.train.style.content import content, dead_leaves
from vedc.train.style.training import Settings, train

pytestmark = pytest.mark.slow

torch = pytest.importorskip("torch")
_PARTS = ("strokes", "drawing", "layout", "steadiness", "range")
TINY = Settings(size="xs", steps=3, check=2, side=96, minutes=5.0)


def stripes(height: int = 160, width: int = 200, turned: bool = False) -> Any:
    """A painting (h, w, 3) of uneven blue and yellow strokes that rise to the right."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    phase = (x - y if turned else x + y) / 3 + 2 * np.sin(y / 17)
    share = (0.5 + 0.5 * np.sin(phase))[..., None]
    mixed = share * np.float32([230, 190, 60]) + (1 - share) * np.float32([20, 40, 140])
    noise = np.random.default_rng(3).normal(0, 6, mixed.shape)
    return (mixed + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture
def painting(tmp_path: Path) -> Path:
    file = tmp_path / "stripes.png"
    cv2.imwrite(str(file), stripes()[..., ::-1])
    return file


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer generated pictures and filters than a real training takes."""
    monkeypatch.setattr(content_module, "_GENERATED", (3, 2))
    monkeypatch.setattr(losses, "_FILTERS", 16)


def tensor(picture: Any) -> Any:
    floats = torch.from_numpy(np.ascontiguousarray(picture).astype(np.float32) / 255)
    return floats.permute(2, 0, 1)[None].contiguous()


def distance(strokes: losses.Strokes, picture: Any) -> float:
    random = np.random.default_rng(1)
    return float(np.mean([float(strokes.distance(tensor(picture), random)) for _ in range(4)]))


def test_strokes_know_the_painting_its_direction_and_its_colours() -> None:
    canvas = stripes()
    strokes = losses.Strokes(tensor(canvas), 5)
    own = distance(strokes, canvas[20:120, 30:130])
    assert own < 0.3
    other = {
        "turned": stripes(turned=True)[20:120, 30:130],
        "grey": np.repeat(canvas.mean(-1, keepdims=True).astype(np.uint8), 3, -1)[20:120, 30:130],
        "soft": cv2.blur(canvas, (15, 15))[20:120, 30:130],
        "photograph": dead_leaves(np.random.default_rng(2))[:100, :100],
    }
    for name, picture in other.items():
        assert distance(strokes, picture) > 1.5 * own, name


def test_every_window_needs_all_of_the_painting() -> None:
    """Two halves of its colours are not as good as two windows with both."""
    canvas = stripes()
    strokes = losses.Strokes(tensor(canvas), 5)
    window = tensor(canvas)[:, :, :96, :96]
    dark, bright = window.clamp(max=0.4), window.clamp(min=0.4)
    apart, both = (
        float(strokes.distance(torch.cat(pair), np.random.default_rng(1)))
        for pair in ((dark, bright), (window, window))
    )
    assert apart > 1.3 * both


def test_drawing_counts_lost_lines_and_neither_contrast_nor_colour() -> None:
    frame = tensor(dead_leaves(np.random.default_rng(4))[:128, :128])
    assert float(losses.drawing(frame, frame)) < 1e-3
    assert float(losses.drawing(0.5 * frame + 0.2, frame)) < 0.02
    soft = torch.nn.functional.avg_pool2d(frame, 9, 1, 4)
    noise = torch.rand(frame.shape, generator=torch.Generator().manual_seed(1))
    assert 0.02 < float(losses.drawing(soft, frame)) < float(losses.drawing(noise, frame))


def test_layout_is_light_and_colour_and_not_strokes() -> None:
    begun = tensor(dead_leaves(np.random.default_rng(4))[:128, :128])
    rows = torch.arange(128) % 2
    strokes = begun + 0.2 * (rows - 0.5)[None, None, :, None]
    assert float(losses.moved_layout(begun, begun)) == 0
    assert float(losses.moved_layout(strokes, begun)) < 1e-4
    warmer = begun + 0.1 * torch.tensor([1.0, 0.0, -1.0])[None, :, None, None]
    assert float(losses.moved_layout(warmer, begun)) > 0.05


def test_unsteadiness_is_none_where_pictures_move_with_the_frame() -> None:
    picture = cv2.GaussianBlur(dead_leaves(np.random.default_rng(4)), (0, 0), 2)
    frames = torch.cat([tensor(picture)[:, :, :96, :96]] * 3, 1)
    made, begun = losses.disturbed(frames, np.random.default_rng(0)), frames[:, 3:6]
    moved = torch.nn.functional.grid_sample(
        frames[:, 3:6], made.grid, mode="bicubic", padding_mode="reflection", align_corners=False
    )
    assert float(losses.unsteadiness(frames[:, 3:6], moved, made, begun)) < 1e-6
    # Its own noise and step of exposure are small; a pattern that stays on the screen is not.
    quiet = float(losses.unsteadiness(frames[:, 3:6], made.frames[:, 3:6], made, begun))
    screen = 0.1 * torch.rand((1, 3, 96, 96), generator=torch.Generator().manual_seed(1))
    still = float(losses.unsteadiness(frames[:, 3:6] + screen, moved + screen, made, begun))
    assert 1e-4 < quiet < 0.5 * still


def test_a_pattern_on_the_screen_is_not_steadier() -> None:
    begun = tensor(dead_leaves(np.random.default_rng(4))[:96, :96])
    made = losses.disturbed(torch.cat([begun] * 3, 1), np.random.default_rng(0))
    later = made.frames[:, 3:6]
    usual = float(losses.unsteadiness(begun, later, made, begun))
    grid = 0.1 * ((torch.arange(96) // 2 % 2)[:, None] - 0.5).expand(1, 3, 96, 96)
    assert float(losses.unsteadiness(begun + grid, later + grid, made, begun)) > 1.05 * usual
    # The unit is the start's alone.
    dull = 0.5 + 0.5 * (begun - 0.5)
    assert float(losses.unsteadiness(begun, later, made, dull)) > 2 * usual


@pytest.mark.slow
def test_a_training_writes_weights_and_a_card_and_resumes(tmp_path: Path, painting: Path) -> None:
    file, seen = tmp_path / "stripes.safetensors", []
    reported: list[TrainingProgress] = []
    train(painting, file, TINY, progress=reported.append, command="vedc style train")
    with safe_open(str(file), framework="numpy") as held:
        notes = held.metadata()
        arrays = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118
    assert {name: array.shape for name, array in arrays.items()} == network.shapes("xs")
    assert notes["arch"] == "style" and notes["size"] == "xs" and notes["made"]
    card = file.with_suffix(".md").read_text()
    assert "stripes.png" in card and "Generated" in card and "digest: sha256:" in card
    assert [t.step for t in reported if t.stage == "validate"] == [2, 3]
    train(painting, file, Settings(**{**_fields(TINY), "steps": 5}), progress=seen.append)
    assert [t.step for t in seen if t.stage == "validate"] == [4, 5]  # not from the start


def test_a_start_needs_no_training(tmp_path: Path, painting: Path) -> None:
    file, seen = tmp_path / "start.safetensors", []
    train(painting, file, Settings(side=96), progress=seen.append)
    arrays = load_file(str(file))
    assert {name: array.shape for name, array in arrays.items()} == network.shapes("start")
    assert not any(told.stage == "train" for told in seen)
    card = file.with_suffix(".md").read_text()
    assert "closed form" in card and "minutes" not in card and "steadiness" in card


def test_a_training_starts_from_another_style(
    tmp_path: Path, painting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.train.style import training

    monkeypatch.setattr(training._Trainer, "score", lambda *_: (1.0, dict.fromkeys(_PARTS, 0.5)))
    other = tmp_path / "other.safetensors"
    arrays = network.initial(9, "xs")
    save_file(
        {k: v.astype(np.float16) for k, v in arrays.items()}, other, {"arch": "style", "size": "xs"}
    )
    settings = Settings(**{**_fields(TINY), "steps": 1, "rate": 1e-9, "begin": other})
    file = train(painting, tmp_path / "s.safetensors", settings)
    kept = load_file(str(file))["deep1.weight"]
    np.testing.assert_allclose(kept, arrays["deep1.weight"], atol=1e-3)
    assert "other.safetensors" in file.with_suffix(".md").read_text()
    with pytest.raises(UserError, match="size s"):
        train(painting, file, Settings(**{**_fields(settings), "size": "s"}))
    with pytest.raises(MissingError, match="are not there"):
        train(painting, file, Settings(**{**_fields(settings), "begin": tmp_path / "none"}))


@pytest.mark.slow
def test_training_brings_pictures_closer_to_the_painting(tmp_path: Path, painting: Path) -> None:
    file, reported = tmp_path / "s.safetensors", []
    strokes = dict.fromkeys(("drawing", "layout", "steadiness"), 0.0)
    settings = Settings(**{**_fields(TINY), "steps": 40, "check": 10, **strokes})
    train(painting, file, settings, progress=reported.append)
    losses_seen = [t.values["strokes"] for t in reported if t.stage == "validate"]
    assert losses_seen[-1] < 0.9 * losses_seen[0]


def test_training_stops_where_validation_gets_no_better(
    tmp_path: Path, painting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.train.style import training

    scores = iter([3.0, 2.0, 2.5, 2.5, 2.5, 2.5])
    parts = dict.fromkeys(_PARTS, 0.5)
    monkeypatch.setattr(training._Trainer, "score", lambda *_: (next(scores), parts))
    settings = Settings(**{**_fields(TINY), "steps": 50, "check": 1, "patience": 3})
    reported: list[TrainingProgress] = []
    train(painting, tmp_path / "s.safetensors", settings, progress=reported.append)
    assert [t.step for t in reported if t.stage == "validate"] == [1, 2, 3, 4, 5]


def _fields(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in Settings.__dataclass_fields__}


def test_paintings_that_teach_nothing_are_refused(tmp_path: Path) -> None:
    files = {
        "text.png": b"not a picture",
        "empty.png": b"",
        "small.png": cv2.imencode(".png", stripes(60, 200))[1].tobytes(),
        "flat.png": cv2.imencode(".png", np.full((200, 200, 3), 90, np.uint8))[1].tobytes(),
    }
    reasons = {
        "text.png": "not a picture",
        "empty.png": "not a picture",
        "small.png": "200x60",
        "flat.png": "one colour",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SpecError) as caught:
            pictures.read_painting(tmp_path / name)
        (problem,) = caught.value.problems
        assert problem.code == "bad-painting" and reasons[name] in problem.message
        assert name in problem.message and problem.hint
    with pytest.raises(MissingError, match="is not there"):
        pictures.read_painting(tmp_path / "none.png")
    with pytest.raises(MissingError, match="is not there"):
        pictures.read_painting(tmp_path)


def test_a_large_painting_is_reduced_to_the_strokes_asked_for(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "large.png"), stripes(600, 900))
    assert pictures.read_painting(tmp_path / "large.png", 300).shape == (300, 450, 3)


def test_test_sources_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    uses = {"a": "train", "b": "validation", "c": "test", "d": "any"}
    rows = [
        {"file": f"{name}.png", "source": name, "licence": "CC0", "use": use}
        for name, use in uses.items()
    ]
    for name in uses:
        cv2.imwrite(str(tmp_path / f"{name}.png"), stripes(220, 220))
    (tmp_path / "manifest.json").write_text(json.dumps(rows))
    seen = content(tmp_path, 5, lambda reported: None)
    assert {s.source for s in seen.teach} | {s.source for s in seen.validate} == {"a", "b", "d"}
    assert {s.source for s in seen.validate} == {"b"}
    assert "c" not in {item.source for item in seen.items}


def test_a_style_does_not_begin_from_its_own_file(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(b"")
    answer = run("style", "train", "a.jpg", "-o", file.name, "--from", file.name, folder=tmp_path)
    assert answer.exit == 2 and "one file" in answer.err
