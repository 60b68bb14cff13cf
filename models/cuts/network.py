"""The shot-boundary network: where shots meet, by which kind of transition, and its frames.

The input is a 48x27 thumbnail of every frame. A stem turns patches of 3x3 pixels into vectors;
three stages of (2+1)D convolutions follow, whose temporal half looks 1, 2, 4 and 8 frames ahead
and back, as in TransNet V2 (Soucek and Lokoc 2020, arXiv:2008.04838). In parallel, a band holds
similarities of frames around each position: of the stem's learned vectors, of colour histograms,
of brightness without its mean and contrast (so that a flash or a change of exposure makes no
difference), and of plain colours. Pairs across the position locate a cut exactly: frames -1 and 0
differ, -2 and -1 do not, and nor do -2 and 1 if it was a flash. A bidirectional GRU reads all of
it.

The formula is :func:`forward`, over the primitives of models/layers.py. b: batch, t: frames.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.models.layers import Array, Arrays, Layers

#: Channels of the stem, at 9x16 positions, and of the stages, at 5x8, 3x4 and 3x4.
CHANNELS: Final = (24, 48, 64, 64)
DILATIONS: Final = (1, 2, 4, 8)
EMBED: Final = 48
"""Length of a frame's vector for the learned similarities."""
ENCODED: Final = 96
"""Features per frame from the convolutions."""
BAND: Final = 64
"""Features per frame from the band of similarities."""
HIDDEN: Final = 64
"""Size of the GRU's state, per direction."""
HEAD: Final = 64

#: The kinds of gradual transition, in the order of the type head after ``cut``.
KINDS: Final = ("cut", "dissolve", "fade", "wipe", "slide")
#: Columns of the output of :func:`forward`.
CUT, GRADUAL, START, END = range(4)
TYPE: Final = slice(4, 4 + len(KINDS))
OUTPUTS: Final = 4 + len(KINDS)


def _band() -> tuple[tuple[int, int], ...]:
    """Pairs of frames relative to the position: 0 is the first of the new shot, -1 the one
    before."""
    far = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
    across = [(-1 - i, i) for i in (0, *far)]
    leaning = [(-1, i) for i in (1, 2, 4, 8, 16, 32)] + [(-1 - i, 0) for i in (1, 2, 4, 8, 16, 32)]
    before = [(-1 - i, -1) for i in (1, 2, 4, 8, 16)]
    after = [(0, i) for i in (1, 2, 4, 8, 16)]
    return tuple(across + leaning + before + after)


#: Pairs of frames whose similarities are in the band.
PAIRS: Final = _band()
#: Kinds of similarity that need no weights: histogram, structure, colour.
PLAIN: Final = 3
#: Receptive field in frames to either side, not counting the GRU's memory.
REACH: Final = 8 * 3 + 33


def compared_frames(frames: int) -> tuple[Any, Any]:
    """The frames that the band compares: two arrays (t, len(PAIRS)), clamped to the film."""
    at = np.arange(frames)[:, None]
    first, second = (at + np.array(side) for side in zip(*PAIRS, strict=True))
    return first.clip(0, frames - 1), second.clip(0, frames - 1)


def patches(thumbs: Any) -> Any:
    """Patches of 3x3 pixels as vectors: (t, 27, 48, 3) to (t, 9, 16, 27), in bytes."""
    cells = thumbs.reshape(len(thumbs), 9, 3, 16, 3, 3).transpose(0, 1, 3, 2, 4, 5)
    return cells.reshape(len(thumbs), 9, 16, 27)


def compared(thumbs: Any) -> Any:
    """Similarities that need no weights: (t, 27, 48, 3) of bytes to (t, 3 * len(PAIRS)).

    Histograms of 8x8x8 colours by their Bhattacharyya coefficient, brightness of 9x16 cells by
    normalised cross-correlation, and colours of 9x16 cells by ``exp(-8 rms)``; 1 means identical.
    """
    t = len(thumbs)
    first, second = compared_frames(t)
    high = (thumbs >> 5).astype(np.int32)
    bins = high[..., 0] * 64 + high[..., 1] * 8 + high[..., 2]
    bins += (np.arange(t, dtype=np.int32) * 512)[:, None, None]
    counts = np.bincount(bins.reshape(-1), minlength=t * 512).reshape(t, 512)
    roots = np.sqrt(counts.astype(np.float32) / (27 * 48))
    histogram = (roots @ roots.T)[first, second]

    cells = thumbs.reshape(t, 9, 3, 16, 3, 3).sum((2, 4), dtype=np.int32) / np.float32(9 * 255)
    luma = (cells @ np.array([0.299, 0.587, 0.114], np.float32)).reshape(t, -1)
    luma = luma - luma.mean(1, keepdims=True)
    luma /= np.sqrt((luma * luma).sum(1, keepdims=True) + np.float32(1e-3))
    structure = (luma @ luma.T)[first, second]

    flat = cells.reshape(t, -1).astype(np.float64)  # small differences of large sums
    square = (flat * flat).sum(1)
    apart = square[first] + square[second] - 2 * (flat @ flat.T)[first, second]
    colour = np.exp(-8 * np.sqrt(np.maximum(apart, 0) / flat.shape[1]))
    return np.concatenate([histogram, structure, colour], 1).astype(np.float32)


def _over_time(layers: Layers, w: Arrays, name: str, x: Array, b: int) -> Array:
    """The temporal half: each dilation gives a quarter of the channels; a residual connection."""
    n, rows, columns, c = x.shape
    y = x.reshape(b, n // b, rows * columns, c)
    parts = [layers.conv(y, w[f"{name}.{d}"], dilation=(d, 1)) for d in DILATIONS]
    y = y + layers.relu(layers.join(parts) + w[f"{name}.bias"])
    return y.reshape(n, rows, columns, c)


def forward(layers: Layers, w: Arrays, patches: Array, plain: Array) -> Array:
    """Logits of every frame: from ``patches`` and ``compared`` of films to (b, t, 9).

    Columns: ``CUT`` (the frame is the first of a shot after a cut), ``GRADUAL`` (it is inside a
    gradual transition), ``START`` and ``END`` (it is a transition's first or last frame), ``TYPE``.
    """
    return classify(layers, w, encode(layers, w, patches, plain))


def encode(layers: Layers, w: Arrays, patches: Array, plain: Array) -> Array:
    """Features of every frame and its surroundings, at most ``REACH`` frames away: (b, t, 160).

    Patches are codes of 0 to 255 as floats, (b, t, 9, 16, 27); ``plain`` is (b, t, 3 pairs).
    """
    b, t = patches.shape[:2]
    n = b * t
    # Exact even in bfloat16, which training may use.
    x = (patches.reshape(n, 9, 16, 27) - 128.0) * (1 / 64)
    x = layers.relu(layers.dense(x, w["stem.weight"], w["stem.bias"]))  # (n, 9, 16, 24)

    still = x.reshape(n, 3, 3, 4, 4, CHANNELS[0]).mean((2, 4))  # (n, 3, 4, 24), one frame's own
    still = layers.dense(still.reshape(b, t, -1), w["embed.weight"], w["embed.bias"])
    learned = layers.pairs(layers.unit(still), *compared_frames(t))  # (b, t, pairs)
    band = layers.relu(
        layers.dense(layers.join([plain, learned]), w["band.weight"], w["band.bias"])
    )

    x = layers.relu(
        layers.conv(x, w["space1.weight"], stride=2) + w["space1.bias"]
    )  # (n, 5, 8, 48)
    x = _over_time(layers, w, "time1", x, b)
    x = layers.relu(
        layers.conv(x, w["space2.weight"], stride=2) + w["space2.bias"]
    )  # (n, 3, 4, 64)
    x = _over_time(layers, w, "time2", x, b)
    x = x + layers.relu(layers.conv(x, w["space3.weight"]) + w["space3.bias"])
    x = _over_time(layers, w, "time3", x, b)
    whole = layers.relu(layers.dense(x.reshape(b, t, -1), w["look.weight"], w["look.bias"]))

    return layers.join([whole, band])


def classify(layers: Layers, w: Arrays, seen: Array) -> Array:
    """A bidirectional GRU and the output heads: (b, t, 160) to (b, t, 9)."""
    known = layers.gru(seen, w, "read")  # (b, t, 128)
    head = layers.relu(layers.dense(layers.join([seen, known]), w["head.weight"], w["head.bias"]))
    return layers.dense(head, w["out.weight"], w["out.bias"])


def shapes() -> dict[str, tuple[int, ...]]:
    """The shapes of the weights by name."""
    stem, one, two, three = CHANNELS
    out: dict[str, tuple[int, ...]] = {
        "stem.weight": (27, stem),
        "embed.weight": (12 * stem, EMBED),
        "band.weight": ((PLAIN + 1) * len(PAIRS), BAND),
        "space1.weight": (3, 3, stem, one),
        "space2.weight": (3, 3, one, two),
        "space3.weight": (3, 3, two, three),
        "look.weight": (12 * three, ENCODED),
        "head.weight": (ENCODED + BAND + 2 * HIDDEN, HEAD),
        "out.weight": (HEAD, OUTPUTS),
    }
    for name, c in zip(("time1", "time2", "time3"), CHANNELS[1:], strict=True):
        out |= {f"{name}.{d}": (3, 1, c, c // len(DILATIONS)) for d in DILATIONS}
        out[f"{name}.bias"] = (c,)
    out |= {k.replace(".weight", ".bias"): v[-1:] for k, v in out.items() if "weight" in k}
    for d in ("fore", "back"):
        out[f"read.{d}.in"] = (ENCODED + BAND, 3 * HIDDEN)
        out[f"read.{d}.state"] = (HIDDEN, 3 * HIDDEN)
        out[f"read.{d}.bias"] = out[f"read.{d}.bias_state"] = (3 * HIDDEN,)
    return out


def parameters() -> int:
    """The number of parameters."""
    return sum(int(np.prod(shape)) for shape in shapes().values())


def initial(seed: int) -> dict[str, Any]:
    """Initial weights for training: He and others 2015 by fan-in, rare events improbable."""
    rng = np.random.default_rng(seed)
    out: dict[str, Any] = {}
    for name, shape in sorted(shapes().items()):
        if "bias" in name:
            out[name] = np.zeros(shape, np.float32)
        elif name.startswith("read."):
            bound = HIDDEN**-0.5
            out[name] = rng.uniform(-bound, bound, shape).astype(np.float32)
        else:
            scale = (1.0 if name == "out.weight" else 2.0) / np.prod(shape[:-1])
            out[name] = (rng.standard_normal(shape) * scale**0.5).astype(np.float32)
    out["out.bias"][[CUT, START, END]] = -4.0
    out["out.bias"][GRADUAL] = -2.0
    return out
