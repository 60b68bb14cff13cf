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
from vedc.nn import backends, canvas, halves, tiles
from vedc.nn.architectures import ARCHITECTURES, Architecture
from vedc.nn.weights import read_arrays
from vedc.support.lru import LruCache

#: Raised when a change in how networks are run changes their results.
_VERSION: Final = 3
_SESSIONS: Final = 4
"""Sessions kept per thread, one for each network and size of input."""
_held: Final = threading.local()


@cache
def weights_of(name: str, file: str = "") -> Arrays:
    """The weights in a file, or shipped ones by name; the default is the first shipped.

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
        return load(shipped(name, file or of.shipped[0]), of.shapes).arrays
    return read_arrays(Path(file), of)


@cache
def reach(name: str, file: str = "") -> int:
    """The reach of the network, or of its core: how many pixels of the input, to either side, a
    pixel of the output depends on."""
    of = ARCHITECTURES[name]
    side = 16 * of.run[2]
    return backends.graph_of(of, weights_of(name, file), side, side).reach


def engine(name: str, backend: str) -> str:
    """A network with everything its results depend on, for keys; except a user's weights, whose
    digest is a parameter."""
    of = ARCHITECTURES[name]
    weights = " ".join(digest(shipped(name, each)) for each in of.shipped)
    return f"network {name} {of.version}.{_VERSION}, weights {weights}, {backends.engine(backend)}"


def run(
    name: str,
    layers: Sequence[Any],
    arguments: Mapping[str, Any],
    backend: str,
    threads: int = 1,
    longest: int = 0,
) -> Any:
    """The network's picture for a window of layers, the earliest first.

    Layers are premultiplied samples (3 or 4, h, w) of float32. The coverage of the centre frame is
    kept, and there is no colour where it is 0. ``arguments`` are the numbers of the network's maps
    and, as ``weights``, the name or the file of weights, if not the default ones. ``longest`` is
    the longest side of a tile, if not the default.
    """
    of, middle = ARCHITECTURES[name], layers[ARCHITECTURES[name].window[0]]
    out = np.array(middle, np.float32)
    if of.core:
        # At the ends of a clip, neighbours are the frame itself.
        small = {id(layer): halves.halved(layer) for layer in layers}
        given = [small[id(layer)] for layer in layers]
        made = np.empty_like(given[0])
        _run_tiles(of, given, arguments, made, backend, threads, longest)
        halves.put_back(middle, small[id(middle)], made, arguments, out)
    else:
        _run_tiles(of, layers, arguments, out, backend, threads, longest)
    if len(out) > 3:
        np.minimum(out[:3], out[3], out=out[:3], where=out[3] < 1)
    return out


def _cuts(of: Architecture, height: int, width: int, file: str, longest: int = 0) -> tiles.Cuts:
    """The tiles of a picture."""
    far, (_, _, multiple) = reach(of.name, file), of.run
    if of.core:
        most = longest or halves.LONGEST
        return tiles.overlapping(height, width, far, multiple, halves.BORDER, most)
    return tiles.grid(height, width, far, multiple, longest or tiles.LONGEST).cuts


def _run_tiles(
    of: Architecture,
    layers: Sequence[Any],
    arguments: Mapping[str, Any],
    out: Any,
    backend: str,
    threads: int,
    longest: int,
) -> None:
    """Run a network, or its core, on layers tile by tile, and write the colours of ``out``."""
    file, (_, channels, _) = arguments.get("weights", ""), of.run
    cuts = _cuts(of, out.shape[1], out.shape[2], file, longest)
    runner = _session(of.name, file, backend, cuts.inputs, threads)
    planes = [layer[channel] for layer in layers for channel in range(3)]
    if of.canvas:
        strokes = weights_of(of.name, file)[of.canvas]
        planes.append(canvas.laid(strokes, out.shape[1:], arguments))
    x = np.empty((1, channels, *cuts.inputs), np.float32)
    if not of.core:
        for number, argument in enumerate(of.maps):
            x[0, 3 * of.frames + number] = arguments[argument]
    for (above, before), top, left, rows, columns in cuts.parts:
        for number, plane in enumerate(planes):
            x[0, number] = tiles.cut(plane, above, before, *cuts.inputs)
        y, skipped, beside = runner(x), top - above, left - before
        out[:3, top : top + rows, left : left + columns] = y[
            0, :, skipped : skipped + rows, beside : beside + columns
        ]


def _session(
    name: str, file: str, backend: str, size: tuple[int, int], threads: int
) -> backends.Run:
    """A session of this thread: not all runtimes can share one among threads."""
    if not hasattr(_held, "sessions"):
        _held.sessions = LruCache(_SESSIONS)
    sessions: LruCache[object, backends.Run] = _held.sessions

    def made() -> backends.Run:
        weights = weights_of(name, file)
        return backends.session(backend, ARCHITECTURES[name], weights, *size, threads)

    return sessions.get_or_make((name, file, backend, size, threads), made)


def run_on_device(name: str, layers: Sequence[Any], arguments: Mapping[str, Any]) -> Any:
    """The same as :func:`run` for tensors on a GPU, by torch, with the same kind of tiles."""
    import torch

    of, middle = ARCHITECTURES[name], layers[ARCHITECTURES[name].window[0]]
    file, primitives = arguments.get("weights", ""), TorchPictureLayers()
    weights = _tensors(name, file, str(middle.device))
    colors, out = torch.cat([layer[:3] for layer in layers])[None], middle.clone()
    given = halves.halved_on_device(colors) if of.core else colors
    formula, channels, _ = of.run
    size = given.shape[2], given.shape[3]
    cuts = _cuts(of, *size, file)
    maps = [given.new_full((1, 1, *cuts.inputs), arguments[name]) for name in of.maps]
    made = torch.empty_like(given[0, :3])
    if of.canvas:
        strokes = canvas.laid(weights_of(name, file)[of.canvas], size, arguments)
        given = torch.cat([given, given.new_tensor(strokes)[None, None]], 1)
    for (above, before), top, left, rows, columns in cuts.parts:
        x = given
        for axis, (begin, count) in enumerate(zip((above, before), cuts.inputs, strict=True), 2):
            at = torch.arange(begin, begin + count, device=x.device)
            x = x.index_select(axis, at.clamp(0, x.shape[axis] - 1))
        x = torch.cat([x, *maps], 1)[:, :channels].permute(0, 2, 3, 1)
        with torch.inference_mode():
            y = formula(primitives, weights, x)[0].permute(2, 0, 1)
        skipped, beside = top - above, left - before
        part = y[:, skipped : skipped + rows, beside : beside + columns]
        made[:, top : top + rows, left : left + columns] = part
    if of.core:
        first = 3 * of.window[0]
        small = given[:, first : first + 3]
        out[:3] = halves.put_back_on_device(middle, small, made[None], arguments)
    else:
        out[:3] = made
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
    """Multiply-adds per picture, margins included, in units of 10**9."""
    of = ARCHITECTURES[name]
    if of.core:
        height, width = (height + 1) // 2, (width + 1) // 2
    cuts = _cuts(of, height, width, file)
    graph = backends.graph_of(of, weights_of(name, file), *cuts.inputs)
    return graph.cost * len(cuts.parts) / 1e9
