"""Weights of networks, checked against the digest in their model card.

``models/cuts/cuts.safetensors`` has a card ``cuts.md`` beside it, whose front matter (between
lines of ``---``) states ``digest: sha256:...`` of the file. A different file under that name is
refused, since decisions depend on the weights.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedc.errors import MissingError, UserError

Float = NDArray[np.float32]
Shapes = Mapping[str, tuple[int, ...]]

_STATED: Final = re.compile(r"^digest:\s*sha256:([0-9a-f]{64})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkWeights:
    """Named arrays of float32, with the notes of their training."""

    arrays: Mapping[str, Float]
    notes: Mapping[str, str]
    """The file's own metadata: thresholds, the version of the network."""
    digest: str
    """SHA-256 of the file, in hex."""


def shipped(network: str, name: str = "") -> Path:
    """The file of a network's shipped weights; ``name`` selects one if it has several."""
    return Path(__file__).with_name(network) / f"{name or network}.safetensors"


def digest(file: Path) -> str:
    """SHA-256 of a weights file in hex, after checking that it matches the card.

    Raises MissingError ``no-weights``, ``no-card`` and UserError ``wrong-weights``.
    """
    try:
        stat = file.stat()
    except OSError:
        raise MissingError.one(
            "no-weights",
            f"the weights '{file}' are not there",
            hint=f"install vedc again, or train them: {_training(file)}",
        ) from None
    card = file.with_suffix(".md")
    if not card.is_file():
        raise MissingError.one(
            "no-card",
            f"the weights '{file}' have no card '{card.name}' beside them that states their digest",
            hint="keep the card that training wrote beside its weights",
        )
    known = _STATED.search(card.read_text(encoding="utf-8"))
    found = _hashed(file, stat.st_size, stat.st_mtime_ns)
    if known is None or known[1] != found:
        stated = known[1] if known else "nothing"
        raise UserError.one(
            "wrong-weights",
            f"the weights '{file}' do not match their card: "
            f"SHA-256 is {found}, the card states {stated}",
            hint=f"reinstall vedc, or train again: {_training(file)}",
        )
    return found


def load(file: Path, shapes: Shapes | Callable[[Mapping[str, str]], Shapes]) -> NetworkWeights:
    """Read weights for a network of these ``shapes``, which may depend on the file's metadata.

    Raises what :func:`digest` raises, and UserError ``bad-weights``.
    """
    from safetensors import SafetensorError, safe_open

    found = digest(file)
    try:
        with safe_open(str(file), framework="numpy") as held:
            notes = dict(held.metadata() or {})
            arrays = {
                name: held.get_tensor(name).astype(np.float32)
                for name in held.keys()  # noqa: SIM118
            }
    except (SafetensorError, OSError, ValueError) as error:
        raise _bad(file, str(error)) from None
    have = {name: tuple(array.shape) for name, array in arrays.items()}
    wanted = shapes(notes) if callable(shapes) else shapes
    if have != dict(wanted):
        odd = sorted({n for n in {*have, *wanted} if have.get(n) != wanted.get(n)})
        raise _bad(file, f"arrays of other shapes than this version has: {', '.join(odd[:4])}")
    return NetworkWeights(arrays, notes, found)


def _training(file: Path) -> str:
    """The command that trains such weights."""
    if file.parent.name == "style":
        return "vedc style train PAINTING -o FILE"
    command = file.stem if file.stem in ("cuts", "clean") else "colour"
    part = " --part balance" if file.stem == "balance" else ""
    return f"vedc train {command}{part} --clips DIR"


def _bad(file: Path, why: str) -> UserError:
    return UserError.one(
        "bad-weights",
        f"the weights '{file}' cannot be used: {why}",
        hint=f"train them with this version: {_training(file)}",
    )


@lru_cache(maxsize=16)
def _hashed(file: Path, size: int, changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
