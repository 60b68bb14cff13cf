"""Network files, pinned by digest in ``vedc.lock``: a render depends on their exact bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

from vedc import ops
from vedc.edit.media_info import ProbeError
from vedc.edit.model import Composition, Edit
from vedc.edit.values import OpCall
from vedc.errors import Problem, RenderError, SourceLocation, UserError

#: The name of a user's model in parameters.
FOREIGN: Final = "onnx"
#: The name of a face detector in crop decisions.
FACES: Final = "faces"
#: The name of a model's folder in captions made from speech.
SPEECH: Final = "speech"
#: The key in the lock for the runtime of networks.
RUNTIME: Final = "nn"


class PinnedModels:
    """The network files that one spec names. ``pins`` gives the entries of ``vedc.lock``, by path
    from its folder ``root``."""

    def __init__(
        self, root: Path, pins: Callable[[], Mapping[str, str]], cache: Path | None = None
    ) -> None:
        """``cache``: a folder in which digests of large files are kept by stamp."""
        self._root, self._pins, self._cache = root, pins, cache
        self.locked = False
        """Whether a file without a digest in the lock is refused."""
        self.allowed = False
        """Whether models that are not vedc's own may run."""
        self.accepting = False
        """Whether a file with another digest replaces the old one."""
        self.used: dict[str, str] = {}
        """Digests of the requested files, by their names in the lock."""
        self.draws = False
        """Whether one of them draws pictures, so that its runtime matters to a render."""

    def name(self, file: Path) -> str:
        """The name of a file in the lock."""
        return Path(os.path.relpath(file, self._root)).as_posix()

    def pinned(self, file: Path) -> str:
        """The digest that the lock has for a file; empty where it has none."""
        return self._pins().get(self.name(file), "")

    def __call__(self, file: Path, network: str, given: Mapping[str, object]) -> None:
        """Check a network file, or the folder of a speech model, against its digest in the lock,
        and against its network.

        ``given`` are the plain values of the op's call. Raises ProbeError.
        """
        if network == FOREIGN:
            self.permit(file, str(given["op"]))
        name, pin, found = self.name(file), self.pinned(file), self.digest(file)
        if not pin and self.locked:
            message = f"the model {name!r} is not pinned in vedc.lock"
            raise ProbeError("not-pinned", message, "run: vedc lock SPEC")
        if pin and found != pin and not self.accepting:
            message = f"the model {name!r} changed: vedc.lock pins {pin}, the file is {found}"
            hint = "put the old file back, or take the new one: vedc lock --accept SPEC"
            raise ProbeError("model-changed", message, hint)
        self.used[name] = found
        self.draws = self.draws or network != SPEECH
        try:
            _check(file, network, given)
        except UserError as error:
            (problem,) = error.problems
            raise ProbeError(problem.code, problem.message, problem.hint) from None

    def digest(self, file: Path) -> str:
        """The digest of a file as it is now, in the same form. Raises ProbeError."""
        return _folder_digest(file, self._cache) if file.is_dir() else digest(file)

    def permit(self, file: Path, what: str) -> None:
        """Raise ProbeError if third-party models may not run. ``what`` runs it."""
        if not self.allowed:
            message = f"{what} runs a model that is not vedc's own: {self.name(file)!r}"
            hint = "where you trust whoever made it, add --allow-models"
            raise ProbeError("models-not-allowed", message, hint)

    def runtime_note(self, engine: str, lock: str) -> Problem | None:
        """A warning if the lock names another runtime for networks."""
        known = self._pins().get(RUNTIME, "")
        if not self.draws or known in ("", engine):
            return None
        return Problem(
            "nn-differs",
            f"vedc.lock was written where {known} ran the networks, and here it is {engine}: "
            "pictures may differ in their last bits",
            SourceLocation(lock),
            "use the same --nn and version; or write what this machine has: vedc lock SPEC",
            "warning",
        )


@contextmanager
def blamed(edits: Iterable[Edit]) -> Iterator[None]:
    """Failures of users' models get the place of the call that runs them."""
    try:
        yield
    except RenderError as error:
        if all(problem.code != "model-failed" for problem in error.problems):
            raise
        said = error.problems[0].message
        calls = (call for edit in edits for call in _calls(edit))
        named = (
            call.location
            for call in calls
            if any(
                f"'{Path(str(value)).name}'" in said for name, value in call.params if name == "src"
            )
        )
        raise error.at(next(named, None), {"model-failed"}) from None


def _calls(edit: Edit) -> Iterator[OpCall]:
    yield from edit.effects
    for track in edit.tracks:
        yield from track.effects
        for item in track.items:
            yield from (*item.grade, *item.effects)
            if isinstance(item.content, Composition):
                yield from _calls(item.content.edit)


def _check(file: Path, network: str, given: Mapping[str, object]) -> None:
    """Raise UserError if a file does not belong to that network, or cannot run as called."""
    if network == FACES:
        from vedc.nn.foreign.faces import check
        from vedc.nn.foreign.onnx_facts import read

        check(read(file))
        return
    if network == FOREIGN:
        from vedc.nn.foreign.contract import contract
        from vedc.nn.foreign.onnx_facts import read

        contract(read(file), ops.get(str(given["op"])).inputs, given)
        return
    from vedc.nn.architectures import ARCHITECTURES  # loads NumPy: only for specs with weights
    from vedc.nn.weights import checked

    if network in ARCHITECTURES:
        checked(file, ARCHITECTURES[network])


def digest(file: Path) -> str:
    """SHA-256 of a file in the lock's form: ``sha256:...``. Raises ProbeError."""
    try:
        status = file.stat()
        return _digest(file, status.st_size, status.st_mtime_ns, status.st_ino)
    except OSError as error:
        reason = str(error.strerror or error).lower()
        message = f"{file} cannot be read: {reason}"
        raise ProbeError("not-readable", message, "check its permissions") from None


def _folder_digest(folder: Path, cache: Path | None) -> str:
    from vedc.decide.words.model_folder import model_digest

    try:
        return model_digest(folder, cache)
    except UserError as error:
        (problem,) = error.problems
        raise ProbeError(problem.code, problem.message, problem.hint) from None


@lru_cache(maxsize=64)
def _digest(file: Path, *stamp: int) -> str:
    with file.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
