"""The shot network: one formula in NumPy and in torch, its inputs, its training."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from vedc.decide.shots import detect_network  # noqa: E402
from vedc.models.cuts import network  # noqa: E402
from vedc.models.layers import NumpyLayers, TorchLayers  # noqa: E402
from vedc.train.cuts import data  # noqa: E402
from vedc.train.cuts.edits import LabelledBoundary, LabelledEdit  # noqa: E402
from vedc.train.cuts.settings import Settings  # noqa: E402
from vedc.train.cuts.training import Trainer  # noqa: E402
from vedc.train.cuts.tuning import validation_scores  # noqa: E402

ONE, OTHER = NumpyLayers(), TorchLayers()


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def film(frames: int, seed: int = 3) -> np.ndarray:
    """Shots of 20 frames: soft pictures that drift, each shot another."""
    rng = np.random.default_rng(seed)
    shots = []
    for _ in range(-(-frames // 20)):
        small = rng.integers(0, 256, (5, 9, 3), dtype=np.uint8)
        large = cv2.resize(small, (80, 27), interpolation=cv2.INTER_CUBIC)
        shots += [large[:, i : i + 48] for i in range(20)]
    return np.stack(shots[:frames])


@pytest.mark.parametrize(("kernel", "stride"), [((3, 3), 1), ((3, 3), 2), ((5, 3), 1)])
@pytest.mark.parametrize("size", [(9, 16), (5, 8), (1, 3)])
def test_convolution_is_torchs(kernel: tuple[int, int], stride: int, size: tuple[int, int]) -> None:
    x, weight = noise(70, *size, 6), noise(*kernel, 6, 4, seed=1)
    expected = torch.nn.functional.conv2d(
        torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))),
        torch.from_numpy(np.ascontiguousarray(weight.transpose(3, 2, 0, 1))),
        stride=stride,
        padding=(kernel[0] // 2, kernel[1] // 2),
    ).numpy()
    for found in (
        ONE.conv(x, weight, stride),
        OTHER.conv(torch.from_numpy(x), torch.from_numpy(weight), stride).numpy(),
    ):
        np.testing.assert_allclose(found.transpose(0, 3, 1, 2), expected, atol=2e-5)


@pytest.mark.parametrize("dilation", [1, 2, 8])
@pytest.mark.parametrize("frames", [5, 30])
def test_dilated_convolution_looks_that_far_ahead_and_back(dilation: int, frames: int) -> None:
    x, weight = noise(2, frames, 12, 6), noise(3, 1, 6, 5, seed=1)
    padded = np.zeros((2, frames + 2 * dilation, 12, 6), np.float32)
    padded[:, dilation:-dilation] = x
    expected = sum(padded[:, k * dilation :][:, :frames] @ weight[k, 0] for k in range(3))
    np.testing.assert_allclose(ONE.conv(x, weight, dilation=(dilation, 1)), expected, atol=2e-5)


def test_gru_is_torchs_module_both_ways() -> None:
    module = torch.nn.GRU(7, 5, batch_first=True, bidirectional=True)
    names = {"in": "weight_ih", "state": "weight_hh", "bias": "bias_ih", "bias_state": "bias_hh"}
    weights = {
        f"g.{way}.{ours}": getattr(module, f"{theirs}_l0{end}").detach().numpy().T.copy()
        for way, end in (("fore", ""), ("back", "_reverse"))
        for ours, theirs in names.items()
    }
    x = noise(3, 40, 7)
    expected = module(torch.from_numpy(x))[0].detach().numpy()
    np.testing.assert_allclose(ONE.gru(x, weights, "g"), expected, atol=1e-5)
    again = OTHER.gru(
        torch.from_numpy(x), {k: torch.from_numpy(v) for k, v in weights.items()}, "g"
    )
    np.testing.assert_allclose(again.numpy(), expected, atol=1e-6)


def test_forward_is_one_formula_in_numpy_and_torch() -> None:
    weights = {k: v + 0.01 * noise(*v.shape, seed=9) for k, v in network.initial(4).items()}
    thumbs = film(90)
    codes = network.patches(thumbs).astype(np.float32)[None]
    plain = network.compared(thumbs)[None]
    ours = network.forward(ONE, weights, codes, plain)
    with torch.no_grad():
        theirs = network.forward(
            OTHER,
            {k: torch.from_numpy(v) for k, v in weights.items()},
            torch.from_numpy(codes),
            torch.from_numpy(plain),
        ).numpy()
    assert ours.shape == (1, 90, network.OUTPUTS)
    assert np.abs(ours).max() > 0.5  # something to compare
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_it_has_at_most_half_a_million_parameters() -> None:
    held = sum(array.size for array in network.initial(0).values())
    assert held == network.parameters() <= 500_000


def test_patches_keep_every_pixel_at_its_place() -> None:
    thumbs = np.random.default_rng(0).integers(0, 256, (2, 27, 48, 3), dtype=np.uint8)
    patches = network.patches(thumbs)
    for row, column in ((0, 0), (8, 15), (4, 7)):
        square = thumbs[1, 3 * row : 3 * row + 3, 3 * column : 3 * column + 3]
        assert (patches[1, row, column] == square.reshape(-1)).all()


def test_plain_similarities_match_the_literature() -> None:
    thumbs = film(60)
    n, plain = len(network.PAIRS), network.compared(thumbs)
    pair = network.PAIRS.index((-1, 4))
    before, after = thumbs[38], thumbs[43]  # of the place 39
    histograms = [
        cv2.calcHist([p], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3) for p in (before, after)
    ]
    apart = cv2.compareHist(*histograms, cv2.HISTCMP_BHATTACHARYYA)  # sqrt(1 - coefficient)
    assert plain[39, pair] == pytest.approx(1 - apart**2, abs=1e-5)
    lumas = [
        (p.reshape(9, 3, 16, 3, 3).mean((1, 3)) @ [0.299, 0.587, 0.114]).reshape(-1)
        for p in (before, after)
    ]
    assert plain[39, n + pair] == pytest.approx(np.corrcoef(*lumas)[0, 1], abs=2e-3)


def test_a_flash_changes_colour_and_not_structure() -> None:
    thumbs = np.repeat(film(1) // 3, 30, axis=0)
    thumbs[15] = thumbs[15] * 2 + 60
    n, plain = len(network.PAIRS), network.compared(thumbs)
    at = network.PAIRS.index((-1, 0))
    assert plain[15, n + at] > 0.99
    assert plain[15, 2 * n + at] < 0.3
    assert plain[15, 2 * n + network.PAIRS.index((-1, 1))] > 0.99  # the frames around it are alike


def test_the_band_is_the_same_at_every_place_and_holds_at_the_ends() -> None:
    first, second = network.compared_frames(200)
    assert first.min() == second.min() == 0 and first.max() == second.max() == 199
    inner = slice(60, 140)
    steps = np.diff(first[inner], axis=0), np.diff(second[inner], axis=0)
    assert (steps[0] == 1).all() and (steps[1] == 1).all()
    assert (first[100] - 100).tolist() == [a for a, _ in network.PAIRS]


def test_labels_mark_cuts_runs_and_ends() -> None:
    events, kinds = data.labels(
        (LabelledBoundary("cut", 10, 10), LabelledBoundary("wipe", 20, 26)), 40
    )
    assert np.flatnonzero(events[:, network.CUT]).tolist() == [10]
    assert np.flatnonzero(events[:, network.GRADUAL]).tolist() == list(range(20, 26))
    assert events[:, network.START].argmax() == 20 and events[:, network.END].argmax() == 25
    assert kinds[10] == 0 and (kinds[20:26] == network.KINDS.index("wipe")).all()
    assert (kinds[11:20] == -1).all()


def test_truth_as_curves_reads_back_as_the_joints() -> None:
    boundaries = (
        LabelledBoundary("cut", 10, 10),
        LabelledBoundary("wipe", 20, 26),
        LabelledBoundary("cut", 32, 32),
        LabelledBoundary("fade", 50, 80),
    )
    events, kinds = data.labels(boundaries, 100)
    curves = np.zeros((100, network.OUTPUTS), np.float32)
    curves[:, : network.TYPE.start] = events
    curves[np.arange(100)[kinds >= 0], network.TYPE.start + kinds[kinds >= 0]] = 1
    found = detect_network.boundaries(curves, detect_network.Thresholds())
    assert [(b.kind, b.start, b.end) for b in found] == [
        (j.kind, j.start, j.end) for j in boundaries
    ]
    edit = LabelledEdit(np.zeros((100, 27, 48, 3), np.uint8), boundaries, ())
    assert validation_scores([curves], [edit], detect_network.Thresholds())["cut@0"] == 1
    late = (LabelledBoundary("cut", 11, 11), *boundaries[1:])
    edit = LabelledEdit(edit.thumbs, late, ())
    values = validation_scores([curves], [edit], detect_network.Thresholds())
    # Half of the cuts, and three of the four boundaries that were found, are right.
    assert values["cut@0"] == pytest.approx(2 * 0.5 * 0.75 / 1.25) and values["cut@2"] == 1


def test_a_film_run_backwards_keeps_its_joints() -> None:
    thumbs = film(60)
    edit = LabelledEdit(
        thumbs, (LabelledBoundary("cut", 20, 20), LabelledBoundary("fade", 30, 36)), ()
    )
    back = data.reversed_edit(edit)
    assert back.boundaries == (LabelledBoundary("fade", 24, 30), LabelledBoundary("cut", 40, 40))
    assert (back.thumbs[39] == thumbs[20]).all() and (back.thumbs[40] == thumbs[19]).all()


def test_mirrored_batches_are_made_of_mirrored_films() -> None:
    thumbs = film(40)
    there = data.batch_of([LabelledEdit(thumbs, (), ())])
    back = data.batch_of([LabelledEdit(np.ascontiguousarray(thumbs[:, :, ::-1]), (), ())])
    changed = data.mirrored(there)
    assert (changed.patches == back.patches).all()
    np.testing.assert_allclose(changed.plain, back.plain, atol=5e-3)


def test_lessons_go_on_where_they_stopped() -> None:
    made = [data.batch_of([LabelledEdit(film(4, seed=i), (), ())]) for i in range(40)]

    def numbered(first: int):  # type: ignore[no-untyped-def]
        yield from made[first:]

    whole = data.training_batches(numbered, 0)
    expected = [next(whole) for _ in range(50)]
    for first in (3, 8, 21, 32):
        again = data.training_batches(numbered, first)
        for k in range(first, 50):
            assert (next(again).patches == expected[k].patches).all(), (first, k)


def batch(seed: int) -> data.Batch:
    """Two films of 24 frames, each with a cut."""
    edits = []
    for i in range(2):
        at = 6 + (seed * 5 + i) % 12
        thumbs = np.concatenate(
            [film(20, 2 * seed + i)[:at], film(40, 2 * seed + i)[20:][: 24 - at]]
        )
        edits.append(LabelledEdit(thumbs, (LabelledBoundary("cut", at, at),), ()))
    return data.batch_of(edits)


@pytest.mark.slow
def test_training_learns_and_a_stopped_one_goes_on_bit_for_bit(tmp_path: Path) -> None:
    settings = Settings(threads=1, half=False, rate=3e-3)
    whole = Trainer(settings, 30)
    losses = [sum(whole.learn(batch(k)).values()) for k in range(30)]
    assert np.mean(losses[-5:]) < 0.6 * np.mean(losses[:5])

    part = Trainer(settings, 30)
    for k in range(13):
        part.learn(batch(k))
    part.save(tmp_path / "kept.safetensors", {"score": 0.25})
    rest = Trainer(settings, 30)
    assert rest.restore(tmp_path / "kept.safetensors") == {"score": 0.25}
    for k in range(13, 30):
        rest.learn(batch(k))
    for name, value in whole.result().items():
        assert (value == rest.result()[name]).all(), name


def test_finding_shots_does_not_load_torch() -> None:
    code = (
        "import sys; from fractions import Fraction; import numpy as np\n"
        "from vedc.decide.shots import detect_network, shots\n"
        "from vedc.decide.analyses.results import HeldThumbs\n"
        "from vedc.models.cuts import network\n"
        "thumbs = HeldThumbs(np.zeros((9, 27, 48, 3), np.uint8), Fraction(25))\n"
        "detect_network.curves(thumbs, network.initial(0))\n"
        "assert 'torch' not in sys.modules and 'cv2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
