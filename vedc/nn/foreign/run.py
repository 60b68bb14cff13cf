"""Running users' models on the layers of a film's frames: whole, or in tiles."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.errors import RenderError
from vedc.nn import backends, tiles
from vedc.nn.foreign.contract import VALUES, Contract, contract
from vedc.nn.foreign.onnx_facts import read
from vedc.nn.foreign.process import Failed, ModelProcess
from vedc.support.lru import LruCache

#: Raised when the same model gives different results.
VERSION: Final = 1
#: Processes kept per thread, by model and size.
_PROCESSES: Final = 2
_GIB: Final = 2**30
_held: Final = threading.local()


def runtime() -> str:
    """The runtime for users' models: onnxruntime if installed, else OpenCV."""
    return "ort" if find_spec("onnxruntime") is not None else "cv"


def engine() -> str:
    """The runtime with everything that results depend on, for keys."""
    return f"foreign models {VERSION}, {backends.engine(runtime())}"


def cutting(agreed: Contract, height: int, width: int) -> tiles.Grid:
    """The tiles of a picture. Raises Failed if the model cannot take such a picture."""
    if agreed.side is not None:
        return _fixed(agreed, *agreed.side, height, width)
    if agreed.halo is None:
        return tiles.grid(height, width, 0, agreed.multiple, max(height, width))
    return tiles.grid(height, width, agreed.halo, agreed.multiple)


def _fixed(agreed: Contract, rows: int, columns: int, height: int, width: int) -> tiles.Grid:
    if agreed.halo is None and (rows, columns) != (height, width):
        raise Failed(
            f"it takes pictures of {columns}x{rows} alone, this one has {width}x{height}, and "
            "without a halo it cannot be run in tiles"
        )
    halo = agreed.halo or 0
    kept = rows - 2 * halo, columns - 2 * halo
    corners = tuple(
        (top, left) for top in range(0, height, kept[0]) for left in range(0, width, kept[1])
    )
    return tiles.Grid(height, width, halo, kept, corners)


def run(layers: Sequence[Any], arguments: Mapping[str, Any], threads: int = 1) -> Any:
    """The model's picture for a window of layers, the earliest first.

    Layers and result are as for :func:`vedc.nn.run.run`. ``arguments`` are the op's: the file as
    ``weights``, its input and output, and the limits ``memory`` (GiB) and ``seconds``.

    Raises RenderError ``model-failed``, and UserError ``bad-model``.
    """
    file = Path(arguments["weights"])
    try:
        return _run(file, layers, arguments, threads)
    except Failed as error:
        raise RenderError.one(
            "model-failed",
            f"the model '{file.name}' failed: {error}",
            hint="look at how it was exported; `memory` and `seconds` of the op are its limits",
        ) from None


def _run(file: Path, layers: Sequence[Any], arguments: Mapping[str, Any], threads: int) -> Any:
    agreed = agreement(file, len(layers), arguments)
    middle = layers[len(layers) // 2]
    height, width = middle.shape[1:]
    grid = cutting(agreed, height, width)
    process = _process(file, agreed, grid.inputs, arguments, threads)
    factor, plus = (np.float32(n) for n in VALUES[agreed.values])
    out, margin = np.array(middle, np.float32), grid.margin
    x = np.empty((1, 3 * len(layers), *grid.inputs), np.float32)
    turn = slice(None, None, -1) if agreed.order == "bgr" else slice(None)
    for top, left, rows, columns in grid.kept():
        for number, layer in enumerate(layers):
            for channel, plane in enumerate(layer[:3][turn]):
                cut = tiles.cut(plane, top - margin, left - margin, *grid.inputs)
                x[0, 3 * number + channel] = cut * factor + plus
        y = process.run(x.transpose(0, 2, 3, 1) if agreed.last else x)
        y = _picture(y, agreed, grid.inputs)
        inner = y[:, margin : margin + rows, margin : margin + columns]
        out[:3, top : top + rows, left : left + columns] = (inner[turn] - plus) / factor
    if len(out) > 3:  # premultiplied: no colour where there is no coverage
        np.minimum(out[:3], out[3], out=out[:3])
    return out


def _picture(y: Any, agreed: Contract, size: tuple[int, int]) -> Any:
    """The picture (3, h, w) of an output. Raises Failed."""
    if y.ndim == 4 and agreed.last:
        y = y.transpose(0, 3, 1, 2)
    if y.shape != (1, 3, *size):
        shape = "x".join(map(str, y.shape))
        wanted = f"1x3x{size[0]}x{size[1]}"
        raise Failed(f"it gives an array of {shape}, not {wanted}: a picture as large as it takes")
    return y[0]


def agreement(file: Path, frames: int, given: Mapping[str, Any]) -> Contract:
    """How a file is run; read again only when the file changes."""
    status = file.stat()
    words = tuple(given.get(n) for n in ("values", "order", "halo", "multiple"))
    key = (file, status.st_size, status.st_mtime_ns, frames, words)
    return _agreements.get_or_make(key, lambda: contract(read(file), frames, given))


_agreements: Final[LruCache[object, Contract]] = LruCache(8)


def _process(
    file: Path,
    agreed: Contract,
    size: tuple[int, int],
    arguments: Mapping[str, Any],
    threads: int,
) -> ModelProcess:
    """The process of this drawing thread."""
    if not hasattr(_held, "processes"):
        _held.processes = LruCache(_PROCESSES, on_evict=ModelProcess.close)
    processes: LruCache[object, ModelProcess] = _held.processes
    channels = 3 * agreed.frames
    shape = (1, *size, channels) if agreed.last else (1, channels, *size)
    memory, seconds = float(arguments["memory"]), float(arguments["seconds"])
    status = file.stat()
    key = (file, status.st_size, status.st_mtime_ns, shape, memory, seconds, threads)

    def made() -> ModelProcess:
        return ModelProcess(file, runtime(), shape, threads, int(memory * _GIB), seconds)

    found = processes.get_or_make(key, made)
    if found.ended:  # a failure was reported; the next frame may try again
        processes.clear()
        found = processes.get_or_make(key, made)
    return found


def started(layers: Sequence[Any], given: Mapping[str, Any]) -> ModelProcess:
    """This thread's process for such layers, with one thread; started if necessary."""
    file, size = Path(given["weights"]), layers[0].shape[1:]
    agreed = agreement(file, len(layers), given)
    return _process(file, agreed, cutting(agreed, *size).inputs, given, 1)


def measured(given: Mapping[str, Any], frames: int, height: int, width: int) -> dict[str, Any]:
    """The cost of a frame on this machine: tiles, memory of the process in bytes (0 if unknown),
    frames per second and the runtime.

    Raises what :func:`run` raises.
    """
    layers = [np.full((3, height, width), 0.5, np.float32)] * frames
    run(layers, given)  # the first run also starts the process
    begin = time.perf_counter()
    run(layers, given)
    seconds = time.perf_counter() - begin
    grid = cutting(agreement(Path(given["weights"]), frames, given), height, width)
    return {
        "tiles": len(grid.corners),
        "memory": started(layers, given).most_memory(),
        "frames_per_second": round(1 / seconds, 2),
        "backend": engine(),
    }
