"""Running a network on the layers of a film's frames."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.errors import MissingError
from vedc.models.network_weights import digest, load, shipped
from vedc.models.picture_layers import Arrays, TorchPictureLayers
from vedc.nn import backends, tiles
from vedc.nn.architectures import ARCHITECTURES
from vedc.nn.weights import read_arrays
from vedc.support.lru import LruCache

#: Raised when networks are run otherwise, so that the same ones give other results.
_VERSION: Final = 2
_SESSIONS: Final = 4
"""Networks that stay ready to run, by the size of their input."""
_held: Final = threading.local()


@cache
def weights_of(name: str, file: str = "") -> Arrays:
    """The weights in a file, or those of vedc by that name; without one, the first.

    Raises UserError ``bad-weights``, and what :func:`network_weights.load` raises.
    """
    of = ARCHITECTURES[name]
    if not file and not of.shipped:
        raise MissingError.one(
            "no-weights",
            f"vedc comes with no weights for {name}",
            hint="name a file of weights: asset: FILE",
        )
    if not file or file in of.shipped:
        return load(shipped(name, file or of.shipped[0]), of.shapes({})).arrays
    return read_arrays(Path(file), of)


@cache
def reach(name: str, file: str = "") -> int:
    """How far a pixel of the network's result sees, in pixels."""
    of = ARCHITECTURES[name]
    side = 16 * of.multiple
    return backends.graph_of(of, weights_of(name, file), side, side).reach


def engine(name: str, backend: str) -> str:
    """A network with all that its results depend on, for keys; but for a user's file of weights,
    whose digest is a parameter."""
    of = ARCHITECTURES[name]
    weights = " ".join(digest(shipped(name, each)) for each in of.shipped)
    return f"network {name} {of.version}.{_VERSION}, weights {weights}, {backends.engine(backend)}"


def run(
    name: str,
    layers: Sequence[Any],
    arguments: Mapping[str, Any],
    backend: str,
    threads: int = 1,
    longest: int = tiles.LONGEST,
) -> Any:
    """The network's picture for a window of layers, the earliest first.

    Layers are premultiplied samples (3 or 4, h, w) of float32; the coverage of the frame that the
    window is around stays, and where it covers nothing there is no colour. ``arguments`` are the
    numbers of the network's maps and, as ``weights``, the path of their file, if they are not those
    of vedc. ``longest`` is the longest side of a tile.
    """
    of, middle = ARCHITECTURES[name], layers[ARCHITECTURES[name].window[0]]
    height, width = middle.shape[1:]
    file = arguments.get("weights", "")
    cutting = tiles.grid(height, width, reach(name, file), of.multiple, longest)
    runner = _session(name, file, backend, cutting.inputs, threads)
    out = np.array(middle, np.float32)
    x = np.empty((1, of.channels, *cutting.inputs), np.float32)
    for number, argument in enumerate(of.maps):
        x[0, 3 * of.frames + number] = arguments[argument]
    margin = cutting.margin
    for top, left, rows, columns in cutting.kept():
        for number, layer in enumerate(layers):
            for channel in range(3):
                x[0, 3 * number + channel] = tiles.cut(
                    layer[channel], top - margin, left - margin, *cutting.inputs
                )
        y = runner(x)
        inner = y[0, :, margin : margin + rows, margin : margin + columns]
        out[:3, top : top + rows, left : left + columns] = inner
    if len(out) > 3:
        np.minimum(out[:3], out[3], out=out[:3], where=out[3] < 1)
    return out


def _session(
    name: str, file: str, backend: str, size: tuple[int, int], threads: int
) -> backends.Run:
    """A session for each thread that runs networks: not all runtimes share theirs."""
    if not hasattr(_held, "sessions"):
        _held.sessions = LruCache(_SESSIONS)
    sessions: LruCache[object, backends.Run] = _held.sessions

    def made() -> backends.Run:
        weights = weights_of(name, file)
        return backends.session(backend, ARCHITECTURES[name], weights, *size, threads)

    return sessions.get_or_make((name, file, backend, size, threads), made)


def run_on_device(name: str, layers: Sequence[Any], arguments: Mapping[str, Any]) -> Any:
    """The same on tensors of a GPU, by torch, in tiles of the same kind."""
    import torch

    of, middle = ARCHITECTURES[name], layers[ARCHITECTURES[name].window[0]]
    height, width = middle.shape[1:]
    file = arguments.get("weights", "")
    cutting = tiles.grid(height, width, reach(name, file), of.multiple)
    primitives = TorchPictureLayers()
    weights = _tensors(name, file, str(middle.device))
    colors = torch.cat([layer[:3] for layer in layers])[None]
    out, margin = middle.clone(), cutting.margin
    rows_in, columns_in = cutting.inputs
    below, right = (
        -side % tile + margin for side, tile in zip((height, width), cutting.tile, strict=True)
    )
    padded = torch.nn.functional.pad(colors, (margin, right, margin, below), mode="replicate")
    for top, left, rows, columns in cutting.kept():
        x = padded[:, :, top : top + rows_in, left : left + columns_in]
        maps = [x.new_full((1, 1, rows_in, columns_in), arguments[name]) for name in of.maps]
        with torch.inference_mode():
            y = of.forward(primitives, weights, torch.cat([x, *maps], 1).permute(0, 2, 3, 1))
        inner = y[0, margin : margin + rows, margin : margin + columns].permute(2, 0, 1)
        out[:3, top : top + rows, left : left + columns] = inner
    if len(out) > 3:
        out[:3] = torch.where(out[3] < 1, torch.minimum(out[:3], out[3]), out[:3])
    return out


@cache
def _tensors(name: str, file: str, device: str) -> dict[str, Any]:
    import torch

    arrays = weights_of(name, file)
    return {key: torch.from_numpy(np.asarray(value)).to(device) for key, value in arrays.items()}


@cache
def cost(name: str, height: int, width: int, file: str = "") -> float:
    """Multiplications and additions, in pairs, for a picture, margins included; in 10**9."""
    of = ARCHITECTURES[name]
    cutting = tiles.grid(height, width, reach(name, file), of.multiple)
    graph = backends.graph_of(of, weights_of(name, file), *cutting.inputs)
    return graph.cost * len(cutting.corners) / 1e9
