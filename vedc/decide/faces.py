"""How many faces are seen: not to be had yet, and said so.

The OpenCV that vedc is tested with (5.0) carries no detector of faces: its wheel holds neither
cascades nor the weights of YuNet, and whoever fetched some would decide by them unseen. So the
analysis is declared, with what it will give, and asking for it is an error with a cure, rather
than a curve of zeros.
"""

from __future__ import annotations

from vedc.decide.analysis import PictureBlock, picture
from vedc.decide.results import Curves
from vedc.errors import InternalError, MissingError
from vedc.spec.sources import MediaInfo


@picture("faces", version=1, gives=Curves)
class Faces:
    """Would give :class:`Curves` ``count`` and ``area`` (share of the picture), at the film's rate.

    Raises MissingError ``missing-model``.
    """

    def __init__(self, media: MediaInfo) -> None:
        raise MissingError.one(
            "missing-model",
            f"faces cannot be looked for in '{media.path}': no detector of faces is installed"
            " with vedc",
            hint="use another measure: speech and motion often tell where people are",
        )

    def push(self, block: PictureBlock) -> None:
        raise InternalError("faces are not looked for")

    def finish(self) -> Curves:
        raise InternalError("faces are not looked for")
