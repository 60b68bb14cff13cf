"""Network files on their own, without a spec: listed, described, added, exported, verified."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.edit.media_info import ProbeError
from vedc.errors import MissingError, RenderError, UsageError, UserError
from vedc.models.network_weights import shipped
from vedc.nn.architectures import ARCHITECTURES, Architecture
from vedc.nn.weights import checked
from vedc.ops.shared import weight_file
from vedc.support.atomic_write import write_whole
from vedc.support.suggest import did_you_mean
from vedc.workspace.models.pins import digest

#: Size of the picture that costs are stated for.
_HEIGHT, _WIDTH = 720, 1280
_ENDINGS: Final = (".safetensors", ".onnx")
#: Sides of the picture of a probe, and how far a runtime may be from NumPy there.
_PROBE: Final = (96, 128)
_TOLERANCE: Final = 1e-4
#: Files and folders below which a listing stops.
_MOST: Final = 20_000


def listed(folder: Path) -> list[dict[str, Any]]:
    """vedc's own networks, then the network files in a folder.

    Raises MissingError ``no-such-folder``.
    """
    if not folder.is_dir():
        message = f"there is no folder {str(folder)!r}"
        raise MissingError.one("no-such-folder", message, hint="name a folder of the project")
    found = [described(name) for of in ARCHITECTURES.values() for name in of.shipped]
    for file in _files(folder):
        try:
            found.append(described(str(file)))
        except UserError as error:
            found.append({"name": str(file), "problem": error.problems[0].message})
    return found


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for count, (inside, folders, names) in enumerate(os.walk(folder)):
        if count > _MOST:
            break
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += (Path(inside) / name for name in sorted(names) if name.endswith(_ENDINGS))
    return found


def described(name: str) -> dict[str, Any]:
    """The description of one of vedc's networks or of a file. Raises UserError if it is
    unusable."""
    file, of = _found(name)
    known = {"name": name, "file": str(file), "bytes": file.stat().st_size, "digest": digest(file)}
    if of is None:
        return known | _foreign(file)
    header = checked(file, of)
    card = file.with_suffix(".md")
    return known | {
        "kind": "weights",
        "arch": of.name,
        "version": of.version,
        "parameters": sum(int(np.prod(a.shape)) for a in header.arrays.values()),
        "window": list(of.window),
        "multiple": of.multiple,
        "takes": list(of.maps),
        **_costs(of, file),
        "licence": header.notes.get("licence") or _of_card(card, "licence"),
        "card": str(card) if card.is_file() else None,
        "notes": dict(header.notes),
    }


def _costs(of: Architecture, file: Path) -> dict[str, Any]:
    from vedc.nn.run import cost, reach

    path = "" if _is_default(of, file) else str(file)
    return {"reach": reach(of.name, path), "gmac_720p": cost(of.name, _HEIGHT, _WIDTH, path)}


def _is_default(of: Architecture, file: Path) -> bool:
    return bool(of.shipped) and file == shipped(of.name, of.shipped[0])


def _of_card(card: Path, key: str) -> str:
    """The fields in the head of a card."""
    try:
        lines = card.read_text(encoding="utf-8").split("---")[1].splitlines()
    except (OSError, IndexError, UnicodeDecodeError):
        return ""
    return next((v.strip() for k, _, v in (line.partition(":") for line in lines) if k == key), "")


def _foreign(file: Path) -> dict[str, Any]:
    from vedc.nn.foreign.onnx_facts import read

    facts = read(file)
    return {
        "kind": "onnx",
        "opset": facts.opset,
        "producer": facts.producer,
        "parameters": facts.parameters,
        "inputs": [[t.name, list(t.sides)] for t in facts.inputs],
        "outputs": [[t.name, list(t.sides)] for t in facts.outputs],
        "ops": dict(sorted(facts.ops.items())),
        "licence": facts.notes.get("licence", ""),
        "notes": facts.notes,
    }


def _found(name: str) -> tuple[Path, Architecture | None]:
    """The file of a name, and its network; None for an ONNX file."""
    own = {each: of for of in ARCHITECTURES.values() for each in of.shipped}
    if name in own:
        return shipped(own[name].name, name), own[name]
    file = Path(name)
    if not file.is_file():
        near = did_you_mean(name, [*own, *map(str, _files(Path()))])
        hint = f"did you mean {near!r}?" if near else "vedc model ls lists what there is"
        raise MissingError.one("file-missing", f"there is no network or file {name!r}", hint=hint)
    if file.suffix == ".onnx":
        return file, None
    arch = weight_file.read(file).arch
    if arch not in ARCHITECTURES:
        message = f"the weights '{file}' are for {arch or 'a network without a name'}"
        hint = f"vedc knows {', '.join(ARCHITECTURES)}"
        raise UserError.one("bad-weights", message, hint=hint)
    return file, ARCHITECTURES[arch]


def added(file: Path, folder: Path, *, replace: bool) -> tuple[Path, str]:
    """Copy a file below the working folder, and pin it in the lock there; its place and digest.

    Raises UserError if the file is unusable, would leave the project or replace another.
    """
    from vedc.decide.lock.lock_file import NAME, Lock

    if file.is_dir():
        from vedc.workspace.models.speech import added as added_folder

        return added_folder(file, folder, replace=replace)
    described(str(file))
    copy, root = folder / file.name, Path.cwd()
    if not Path(os.path.realpath(copy)).is_relative_to(os.path.realpath(root)):
        message = f"{copy} is outside this folder, the project"
        raise UsageError.one("outside-root", message, hint="name a folder in it: --to models")
    same = copy.is_file() and digest(copy) == digest(file)
    if os.path.lexists(copy) and not same and not replace:
        message = f"{copy} exists, and is another file"
        raise UsageError.one("output-exists", message, hint="-y replaces it, or use another --to")
    if not same:
        folder.mkdir(parents=True, exist_ok=True)
        draft = copy.with_name(f".{copy.name}.tmp")
        try:
            shutil.copyfile(file, draft)
            draft.replace(copy)
        finally:
            draft.unlink(missing_ok=True)
        card = file.with_suffix(".md")
        if card.is_file():
            shutil.copyfile(card, copy.with_suffix(".md"))
    lock = Lock.load(root / NAME)
    pin = digest(copy)
    name = Path(os.path.relpath(copy, root)).as_posix()
    lock.with_models({**lock.models, name: pin}).save()
    return copy, pin


def exported(name: str, output: Path, numbers: Mapping[str, float], *, replace: bool) -> str:
    """Write a network as ONNX with pictures of any size, its numbers built in.

    Returns in what the file differs, as text, if in anything. Raises UsageError for unknown or
    missing numbers.
    """
    from vedc.models.graph_layers import trace
    from vedc.nn.run import weights_of

    file, of = _found(name)
    if of is None:
        raise UsageError.one("bad-option", f"{name} is ONNX already", hint="copy it")
    if set(numbers) != set(of.maps):
        wanted = ", ".join(f"--set {each}=NUMBER" for each in of.maps) or "no --set"
        message = f"{name} takes {', '.join(of.maps) or 'no numbers'}"
        raise UsageError.one("bad-option", message, hint=f"give {wanted}")
    if output.exists() and not replace:
        raise UsageError.one("output-exists", f"{output} exists", hint="-y replaces it")
    header = weight_file.read(file)
    weights = weights_of(of.name, "" if _is_default(of, file) else str(file))

    def forward(layers: Any, arrays: Any, x: Any) -> Any:
        maps = [x[..., :1] * 0.0 + numbers[each] for each in of.maps]
        return of.forward(layers, arrays, layers.join([x, *maps]) if maps else x)

    side = 16 * of.multiple
    probe = trace(forward, weights, (1, side, side, 3 * of.frames), of.name)
    notes = {
        **header.notes,
        "vedc.window": str(of.frames),
        "vedc.values": "unit",
        "vedc.order": "rgb",
        "vedc.halo": str(probe.reach),
        "vedc.multiple": str(of.multiple),
        **{f"vedc.{each}": f"{number:g}" for each, number in numbers.items()},
    }
    made = trace(forward, weights, (1, side, side, 3 * of.frames), of.name, notes, any_size=True)
    try:
        write_whole(output, made.onnx)
    except OSError as error:
        reason = str(error.strerror or error).lower()
        message = f"{output} cannot be written: {reason}"
        raise RenderError.one("cannot-write", message, hint="check its folder") from None
    return "without the painting's strokes, which vedc lays over the picture" if of.canvas else ""


def verified(names: Sequence[str], allowed: bool) -> list[dict[str, Any]]:
    """Digests and probes of networks and files: ``checks`` that passed, and ``problems``."""
    from vedc.decide.lock.lock_file import NAME, Lock

    if not names:
        own = [name for of in ARCHITECTURES.values() for name in of.shipped]
        names = [*own, *map(str, _files(Path()))]
    lock = Lock.load(Path.cwd() / NAME).models
    found = []
    for name in names:
        checks: list[str] = []
        problems: list[str] = []
        try:
            file, of = _found(name)
            _verify_digest(file, lock, checks, problems)
            if of is None:
                _probe_foreign(file, allowed, checks, problems)
            else:
                _probe(file, of, checks, problems)
        except UserError as error:
            problems += (p.message for p in error.problems)
        except ProbeError as error:
            problems.append(error.message)
        found.append({"name": name, "checks": checks, "problems": problems})
    return found


def _verify_digest(
    file: Path, lock: Mapping[str, str], checks: list[str], problems: list[str]
) -> None:
    from vedc.models import network_weights

    now = digest(file)
    pin = lock.get(Path(os.path.relpath(file)).as_posix())
    if pin is not None:
        held = problems if pin != now else checks
        held.append(f"vedc.lock pins {pin}" + (f", the file is {now}" if pin != now else ""))
    if file.suffix != ".onnx" and file.with_suffix(".md").is_file():
        network_weights.digest(file)
        checks.append(f"its card states {now}")


def _window(of_frames: int) -> list[Any]:
    """A probe: soft shapes with a little noise, the same everywhere."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[: _PROBE[0], : _PROBE[1]].astype(np.float32)
    base = np.stack([0.2 + 0.5 * x / _PROBE[1], 0.6 - 0.4 * y / _PROBE[0], 0.3 + 0 * x])
    return [
        np.asarray((base + 0.05 * random.standard_normal(base.shape)).clip(0, 1), np.float32)
        for _ in range(of_frames)
    ]


def _probe(file: Path, of: Architecture, checks: list[str], problems: list[str]) -> None:
    from importlib.util import find_spec

    from vedc.nn.choice import PACKAGES
    from vedc.nn.run import run

    path = "" if _is_default(of, file) else str(file)
    layers = _window(of.frames)
    given = {**dict.fromkeys(of.maps, 0.05), "strokes": 0.05, "weights": path}
    wanted = run(of.name, layers, given, "numpy")
    if not np.isfinite(wanted).all():
        problems.append("the NumPy reference gives values that are not finite")
        return
    for name, package in PACKAGES.items():
        if find_spec(package.module) is None:
            continue
        off = float(np.abs(run(of.name, layers, given, name) - wanted).max())
        held = checks if off <= _TOLERANCE else problems
        held.append(f"{name} is within {off:.1e} of the NumPy reference")


def _probe_foreign(file: Path, allowed: bool, checks: list[str], problems: list[str]) -> None:
    from vedc.nn.foreign.contract import FRAMES_OF, contract
    from vedc.nn.foreign.onnx_facts import read
    from vedc.nn.foreign.run import run

    facts = read(file)
    checks.append("its operators, types and sizes are allowed")
    said = facts.notes.get("vedc.window", "1")
    frames = next((n for n in FRAMES_OF.values() if str(n) == said), 1)
    contract(facts, frames, {})
    checks.append(f"it takes windows of {frames} and gives a picture")
    if not allowed:
        checks.append("it was not run: that takes --allow-models")
        return
    given = {"weights": str(file), "memory": 4, "seconds": 60}
    made = run(_window(frames), given)
    checks.append(f"it runs, and gives values from {made.min():.3g} to {made.max():.3g}")
