"""The balance network estimates a shot's colour cast, exposure and contrast, with their
uncertainty.

A cast multiplies the light of each channel, so it shifts all colours equally in the plane of
``u = log(g / r)`` and ``v = log(g / b)``. The network is a convolution over histograms in this
plane (as in Barron, "Convolutional Color Constancy", 2015): it learns how the colours of scenes lie
around white, wherever white has been shifted, and gives for every bin of the plane the likelihood
that white is there. The mean and covariance of that map are the cast and its uncertainty; an
ambiguous shot has a broad map. Histograms cover all pixels, three ranges of brightness, the
brightest pixels, edges, flat areas and the upper third (skies). From additional histograms of
brightness the network estimates exposure and contrast.

It is an ensemble: its members are trained from different initial weights on different parts of the
footage, and their disagreement shows uncertainty that no single member can know.

The formula is :func:`forward`, over the primitives of models/layers.py. b: batch.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.models.layers import Array, Arrays, Layers

#: Bins of the plane along each axis, and their width in log light.
BINS: Final = 32
CELL: Final = 0.1
#: The number of colour histograms; see the module's docstring.
MAPS: Final = 8
#: Channels of the convolutions over the plane.
CHANNELS: Final = (16, 24, 16)
DILATIONS: Final = (1, 2, 2)
#: Bins of a brightness histogram: stops below white in steps of a third.
STOPS: Final = 32
STOP: Final = 1 / 3
TONES: Final = 4 * STOPS
HIDDEN: Final = 32
#: Members of the ensemble.
MEMBERS: Final = 3

#: Columns of the second output of :func:`forward`.
EXPOSURE, EXPOSURE_LOG_VARIANCE, CONTRAST, CONTRAST_LOG_VARIANCE = range(4)

_DARKEST: Final = 2.0**-9
_CLIPPED: Final = 0.98
_LUMA: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)


def centers() -> Any:
    """``(u, v)`` of each bin of the plane: (BINS * BINS, 2), u slowest."""
    axis = (np.arange(BINS, dtype=np.float32) - (BINS - 1) / 2) * np.float32(CELL)
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)


def features(light: Any) -> tuple[Any, Any]:
    """The network's input for pictures (n, height, width, 3) of linear light, clamped to 0..1.

    Returns histograms of colour (BINS, BINS, MAPS) and of brightness (TONES,), over all pictures.
    """
    light = np.clip(np.asarray(light, np.float32), 0.0, 1.0)
    luma = light @ _LUMA
    # The darkest values are rounding noise: their hue means nothing.
    logs = np.log(np.maximum(light, _DARKEST))
    u, v = logs[..., 1] - logs[..., 0], logs[..., 1] - logs[..., 2]
    # Neither does the hue of clipped values.
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
    """A histogram (BINS, BINS) with bilinear weights over the four nearest bins; square roots of
    shares."""
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
    """The shapes of the weights; those of member 2 are named ``2.plane.0`` and so on."""
    return {f"{m}.{name}": shape for m in range(MEMBERS) for name, shape in member().items()}


def member() -> dict[str, tuple[int, ...]]:
    """The shapes of one member's weights."""
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
    """Initial weights for training a member."""
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
    """The outputs of all members: (b, MEMBERS * BINS * BINS) and (b, MEMBERS * 4); see
    :func:`one`."""
    outputs = []
    for m in range(MEMBERS):
        prefix = f"{m}."
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        outputs.append(one(of, own, maps, tones))
    return of.join([heat for heat, _ in outputs]), of.join([tone for _, tone in outputs])


def one(of: Layers, weights: Arrays, maps: Array, tones: Array) -> tuple[Array, Array]:
    """One member's logits of the place of white, (b, BINS * BINS), and its tones, (b, 4).

    The inputs are ``maps`` (b, BINS, BINS, MAPS) and ``tones`` (b, TONES). The columns of the tones
    are the exposure in stops above the right one, and the log of the contrast relative to the right
    one, each followed by the log of its variance.
    """
    x = maps * 8.0
    seen = tones * 4.0
    # The amount of clipping changes the meaning of the plane.
    context = of.dense(seen, weights["context"], weights["plane.0.bias"])
    for number, dilation in enumerate(DILATIONS):
        x = of.conv(x, weights[f"plane.{number}"], 1, (dilation, dilation))
        if number == 0:
            x = of.relu(x + context.reshape(-1, 1, 1, CHANNELS[0]))
        else:
            x = of.relu(x + weights[f"plane.{number}.bias"])
    heat = of.conv(x, weights["plane.out"]) + weights["prior"]
    hidden = of.relu(of.dense(seen, weights["tones.in"], weights["tones.in.bias"]))
    tones_out = of.dense(hidden, weights["tones.out"], weights["tones.out.bias"])
    return heat.reshape(-1, BINS * BINS), tones_out
