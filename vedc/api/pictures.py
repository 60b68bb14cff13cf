"""Frames of a film as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from vedc.api.progress import Callback, Frames
from vedc.api.renders import chosen_device
from vedc.api.spec import TURN, Spec, Time, build_of, deciding_of, time
from vedc.errors import InternalError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@overload
def still(
    spec: Spec,
    at: Time,
    *,
    depth: Literal[8] = 8,
    scale: float | Fraction = 1,
    jobs: int = 0,
    device: str = "auto",
    networks: str = "auto",
    locked: bool = False,
) -> NDArray[np.uint8]: ...
@overload
def still(
    spec: Spec,
    at: Time,
    *,
    depth: Literal[16],
    scale: float | Fraction = 1,
    jobs: int = 0,
    device: str = "auto",
    networks: str = "auto",
    locked: bool = False,
) -> NDArray[np.uint16]: ...
def still(spec: Spec, at: Time, **options: Any) -> NDArray[Any]:
    """The frame of the film at a time: an array of height x width x 3, red, green and blue.

    ``at`` is a number of seconds, or a text such as ``"300f"``, ``"25%"`` or ``"-1f"``, the last
    frame. The canvas is that of the first output, times ``scale``. With ``depth=8`` values are
    those of an sRGB picture, 0 to 255, as ``PIL.Image.fromarray`` takes them. With ``depth=16``
    they are those of the canvas in its own colour space, also of high dynamic range, 0 to 65535.

    Frames are taken from the store and kept there, as by a render; :func:`frames` draws several
    together in less time. Raises as :func:`vedc.render`, and UsageError for a time beyond the film.
    """
    pictures: list[NDArray[Any]] = frames(spec, [at], **options)
    return pictures[0]


@overload
def frames(
    spec: Spec,
    at: Iterable[Time],
    *,
    depth: Literal[8] = 8,
    scale: float | Fraction = 1,
    jobs: int = 0,
    device: str = "auto",
    networks: str = "auto",
    locked: bool = False,
    progress: Callback | None = None,
) -> list[NDArray[np.uint8]]: ...
@overload
def frames(
    spec: Spec,
    at: Iterable[Time],
    *,
    depth: Literal[16],
    scale: float | Fraction = 1,
    jobs: int = 0,
    device: str = "auto",
    networks: str = "auto",
    locked: bool = False,
    progress: Callback | None = None,
) -> list[NDArray[np.uint16]]: ...
def frames(
    spec: Spec,
    at: Iterable[Time],
    *,
    depth: Literal[8, 16] = 8,
    scale: float | Fraction = 1,
    jobs: int = 0,
    device: str = "auto",
    networks: str = "auto",
    locked: bool = False,
    progress: Callback | None = None,
) -> list[NDArray[Any]]:
    """The frames at several times of the film, as :func:`still` gives one.

    They are drawn together, in the order of the film, and are all in memory at the end.
    """
    from vedc.workspace.film_frames import film_frames, pictured
    from vedc.workspace.moments import frame_at

    if depth not in (8, 16):
        raise TypeError(f"depth is 8 or 16, not {depth!r}")
    with TURN:
        where = chosen_device(device, networks)
        build = pictured(build_of(spec, scale=scale))
        deciding = deciding_of(
            build, locked=locked, jobs=jobs, progress=progress, networks=where.networks
        )
        (film,) = build.edits(deciding)
        wanted = [frame_at(film, "at", time(moment)) for moment in at]
        deciding.save()
        if not wanted:
            return []
        each = sorted(set(wanted))
        with film_frames(
            build,
            film,
            each,
            device=where,
            threads=jobs,
            progress=Frames(progress),
            title="frames",
            exact=depth == 16,
        ) as drawn:
            pictures = {n: _read(path) for n, path in zip(each, drawn.files, strict=True)}
        return [pictures[frame].copy() for frame in wanted]


def _read(path: Path) -> NDArray[Any]:
    """A PNG of 8 or 16 bits as red, green and blue."""
    import cv2
    import numpy as np

    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise InternalError(f"{path.name}, which vedc has just written, is not a picture")
    return np.ascontiguousarray(pixels[:, :, ::-1])
