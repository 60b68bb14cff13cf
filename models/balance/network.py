"""The balance network: which cast, exposure and contrast a shot has, and how surely.

A cast multiplies the light of each channel, so it moves every colour alike in the plane of
``u = log(g / r)`` and ``v = log(g / b)``. The network is a convolution over histograms in this
plane (as in Barron, "Convolutional Color Constancy", 2015): it learns what the colours of scenes
look like around white, wherever white has gone, and says for every place of the plane how likely
white is there. Mean and covariance of that map are the cast and its uncertainty, and an ambiguous
shot says so by a broad map. Histograms see all pixels, three ranges of brightness, the brightest
pixels, edges, flat places and the upper third (skies). Beside them go histograms of brightness,
from which exposure and contrast are read.

Several members, trained from other starts on other parts of the footage, are asked: where they
differ, the answer is unsure in a way that none of them knows.

The formula is :func:`forward`, over the primitives of models/layers.py. b: batch.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.models.layers import Array, Arrays, Layers

#: Places of the plane along each axis, and the distance of two of them in log light.
BINS: Final = 32
CELL: Final = 0.1
#: What the histograms of colour see; see the module.
MAPS: Final = 8
#: Channels of the convolutions of the plane.
CHANNELS: Final = (16, 24, 16)
DILATIONS: Final = (1, 2, 2)
#: Places of a histogram of brightness: stops below white in steps of a third.
STOPS: Final = 32
STOP: Final = 1 / 3
TONES: Final = 4 * STOPS
HIDDEN: Final = 32
#: Networks that are asked together.
MEMBERS: Final = 3

#: Columns of the second output of :func:`forward`.
EXPOSURE, EXPOSURE_LOG_VARIANCE, CONTRAST, CONTRAST_LOG_VARIANCE = range(4)

_DARKEST: Final = 2.0**-9
_CLIPPED: Final = 0.98
_LUMA: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)


def centers() -> Any:
    """``(u, v)`` of each place of the plane: (BINS * BINS, 2), u slowest."""
    axis = (np.arange(BINS, dtype=np.float32) - (BINS - 1) / 2) * np.float32(CELL)
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)


def features(light: Any) -> tuple[Any, Any]:
    """What the network sees of pictures (n, height, width, 3) of linear light, clamped to 0..1.

    Gives histograms of colour (BINS, BINS, MAPS) and of brightness (TONES,), over all pictures.
    """
    light = np.clip(np.asarray(light, np.float32), 0.0, 1.0)
    luma = light @ _LUMA
    # The darkest values are noise of rounding: their hue means nothing.
    logs = np.log(np.maximum(light, _DARKEST))
    u, v = logs[..., 1] - logs[..., 0], logs[..., 1] - logs[..., 2]
    # Neither does that of what a channel's limit cut off.
    sure = np.clip(light.min(-1) / 0.01, 0.0, 1.0)
    sure = sure * np.clip((_CLIPPED - light.max(-1)) / 0.03, 0.0, 1.0)
    edge = np.zeros_like(u)
    for plane in (u, v):
        edge[:, :, 1:-1] += np.abs(plane[:, :, 2:] - plane[:, :, :-2])
        edge[:, 1:-1] += np.abs(plane[:, 2:] - plane[:, :-2])
    edge /= 0.1
    ranks = luma.reshape(-1)
    low, middle, high = np.quantile(ranks, (0.33, 0.67, 0.96))
    upper = np.zeros_like(u)
    upper[:, : max(1, light.shape[1] // 3)] = 1
    weights = np.stack(
        [
            sure,
            sure * (luma < low),
            sure * ((luma >= low) & (luma < middle)),
            sure * (luma >= middle),
            luma >= high,
            sure * np.minimum(edge, 4.0),
            sure / (1.0 + 4.0 * edge * edge),
            sure * upper,
        ],
        0,
    ).reshape(MAPS, -1)
    maps = np.stack([_plane(u.reshape(-1), v.reshape(-1), w) for w in weights], -1)
    return maps, _tones(light, luma)


def _plane(u: Any, v: Any, weights: Any) -> Any:
    """A histogram (BINS, BINS) shared out to the four nearest places; square roots of shares."""
    kept = np.flatnonzero(weights > 0)
    u, v, weights = u[kept], v[kept], weights[kept]
    total = np.zeros(BINS * BINS)
    x = np.clip(u / CELL + (BINS - 1) / 2, 0, BINS - 1.001)
    y = np.clip(v / CELL + (BINS - 1) / 2, 0, BINS - 1.001)
    i, j = x.astype(np.int64), y.astype(np.int64)
    fx, fy = x - i, y - j
    for di, share in ((0, 1 - fx), (1, fx)):
        for dj, other in ((0, 1 - fy), (1, fy)):
            place = (i + di) * BINS + j + dj
            total += np.bincount(place, share * other * weights, BINS * BINS)
    shares = total / max(float(total.sum()), 1e-6)
    return np.sqrt(shares).astype(np.float32).reshape(BINS, BINS)


def _tones(light: Any, luma: Any) -> Any:
    """Histograms of the stops of brightness and of each channel: (TONES,)."""
    found = []
    for plane in (luma, *np.moveaxis(light, -1, 0)):
        stops = np.log2(np.maximum(plane.reshape(-1), 2.0**-12))
        x = np.clip(-stops / STOP, 0, STOPS - 1.001)
        i = x.astype(np.int64)
        near = np.bincount(i, 1 - (x - i), STOPS) + np.bincount(i + 1, x - i, STOPS)
        found.append(np.sqrt(near / near.sum()))
    return np.concatenate(found).astype(np.float32)


def shapes() -> dict[str, tuple[int, ...]]:
    """The arrays of weights, those of member 2 under ``2.plane.0`` and so on."""
    return {f"{m}.{name}": shape for m in range(MEMBERS) for name, shape in member().items()}


def member() -> dict[str, tuple[int, ...]]:
    """The arrays of one member."""
    found: dict[str, tuple[int, ...]] = {}
    before = MAPS
    for number, channels in enumerate(CHANNELS):
        found[f"plane.{number}"] = (5, 5, before, channels)
        found[f"plane.{number}.bias"] = (channels,)
        before = channels
    found["plane.out"] = (1, 1, before, 1)
    found["prior"] = (BINS, BINS, 1)
    found["context"] = (TONES, CHANNELS[0])
    found["tones.in"], found["tones.in.bias"] = (TONES, HIDDEN), (HIDDEN,)
    found["tones.out"], found["tones.out.bias"] = (HIDDEN, 4), (4,)
    return found


def initial(seed: int) -> dict[str, Any]:
    """Weights of a member to start its training from."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, shape in member().items():
        if "bias" in name or name in ("prior", "context", "tones.out"):
            made[name] = np.zeros(shape, np.float32)
        else:
            spread = np.sqrt(2 / np.prod(shape[:-1]))
            made[name] = (rng.standard_normal(shape) * spread).astype(np.float32)
    return made


def forward(of: Layers, weights: Arrays, maps: Array, tones: Array) -> tuple[Array, Array]:
    """What all members say: (b, MEMBERS * BINS * BINS) and (b, MEMBERS * 4); see :func:`one`."""
    told = []
    for m in range(MEMBERS):
        prefix = f"{m}."
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        told.append(one(of, own, maps, tones))
    return of.join([heat for heat, _ in told]), of.join([tone for _, tone in told])


def one(of: Layers, weights: Arrays, maps: Array, tones: Array) -> tuple[Array, Array]:
    """Logits of where white is, (b, BINS * BINS), and tones, (b, 4), of one member.

    Of ``maps`` (b, BINS, BINS, MAPS) and ``tones`` (b, TONES). Columns of the second: exposure in
    stops above the right one, log of the contrast above the right one, each with the log of its
    variance.
    """
    x = maps * 8.0
    seen = tones * 4.0
    # How much is cut off changes what the plane means.
    context = of.dense(seen, weights["context"], weights["plane.0.bias"])
    for number, dilation in enumerate(DILATIONS):
        x = of.conv(x, weights[f"plane.{number}"], 1, (dilation, dilation))
        if number == 0:
            x = of.relu(x + context.reshape(-1, 1, 1, CHANNELS[0]))
        else:
            x = of.relu(x + weights[f"plane.{number}.bias"])
    heat = of.conv(x, weights["plane.out"]) + weights["prior"]
    hidden = of.relu(of.dense(seen, weights["tones.in"], weights["tones.in.bias"]))
    told = of.dense(hidden, weights["tones.out"], weights["tones.out.bias"])
    return heat.reshape(-1, BINS * BINS), told
