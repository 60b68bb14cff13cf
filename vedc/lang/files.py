"""The files that a spec names: whether they are allowed, whether they exist, what they contain."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from shlex import quote
from typing import Final, Protocol, TypeVar

from vedc.edit.font_info import FontInfo, FontProber
from vedc.edit.media_info import (
    USUAL,
    MediaInfo,
    ProbeError,
    Prober,
    Streams,
)
from vedc.errors import (
    Interrupted,
    LockError,
    MissingError,
    Problem,
    SourceLocation,
    SpecError,
    UserError,
)
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops.looks.look_info import LookInfo, LookProber
from vedc.support.file_patterns import BadPattern, example_of, is_pattern, listed
from vedc.support.suggest import did_you_mean

#: The font of titles that do not name one.
DEFAULT_FONT: Final = Path(__file__).parents[1] / "text" / "fonts" / "default.otf"

#: Codes of problems outside the spec: something it names is missing.
MISSING_CODES: Final = frozenset(
    {
        "file-missing",
        "font-missing",
        "missing-font",
        "missing-lut",
        "spec-missing",
        "missing-extra",
        "remote-missing",
        "weights-missing",
        "no-speech-model",
    }
)

#: Codes of problems that are disagreements with vedc.lock.
_LOCK_CODES: Final = frozenset({"not-pinned", "model-changed"})

T = TypeVar("T")


class ModelPins(Protocol):
    """The files of networks that ``vedc.lock`` pins."""

    def __call__(self, file: Path, network: str, given: Mapping[str, object]) -> None:
        """Check a network file against its digest in the lock, and against its network.

        ``given`` are the plain values of the op's call. Raises ProbeError.
        """

    def pinned(self, file: Path) -> str:
        """The digest that the lock has for a file, ``sha256:...``; empty where it has none."""

    def digest(self, file: Path) -> str:
        """The digest of a file as it is now, in the same form. Raises ProbeError."""

    def permit(self, file: Path, what: str) -> None:
        """Raise ProbeError if third-party models may not run. ``what`` runs it."""


#: URLs of files that can be fetched.
_FETCHED: Final = re.compile(r"(https?|s3|gs)://", re.IGNORECASE)

#: A scheme with //, or one that FFmpeg or a browser accepts without it; a file name may have a
#: colon.
_URL: Final = re.compile(
    r"[a-z][a-z0-9+.-]+://|(https?|ftp|file|data|mailto|concatf?|subfile|pipe|fd|cache|async"
    r"|crypto|md5|tee|tcp|udp|rtp|rtmp|hls):",
    re.IGNORECASE,
)


def failure(problems: Sequence[Problem]) -> UserError:
    """Problems as an error: a MissingError if nothing else is wrong."""
    if all(problem.code in _LOCK_CODES for problem in problems):
        return LockError(tuple(problems))
    missing = all(problem.code in MISSING_CODES for problem in problems)
    return (MissingError if missing else SpecError)(tuple(problems))


class Files:
    """Finds and probes files, below ``root`` or the folders in ``allow`` only.

    Each file is probed once. Problems are reported where the file is named.
    """

    def __init__(
        self,
        root: Path,
        allow: Sequence[Path],
        prober: Prober,
        fonts: FontProber,
        problems: Problems,
        probe_look: LookProber,
        fetch: Callable[[str], Path] | None = None,
        family: Callable[[str], Path] | None = None,
        models: ModelPins | None = None,
    ) -> None:
        """``fetch`` gives a local copy of a remote file, and ``family`` the file of a font of this
        machine; both raise ProbeError. ``models`` knows the digests of files of networks."""
        self.root = Path(os.path.abspath(root))
        self.allowed = tuple(Path(os.path.realpath(p)) for p in (root, *allow))
        self.prober, self.fonts, self.problems = prober, fonts, problems
        self._probe_look, self._fetch = probe_look, fetch
        self._family, self._models = family, models
        self._media: dict[Path, MediaInfo | ProbeError] = {}
        self._chosen: dict[Streams | Fraction, dict[Path, MediaInfo | ProbeError]] = {}
        self._fonts: dict[Path, FontInfo | ProbeError] = {}
        self._looks: dict[Path, LookInfo | UserError] = {}
        self._misused: dict[tuple[str, str], SourceLocation | None] = {}

    def inside(self, node: SpecNode, *, written: bool = False, local: bool = False) -> Path | None:
        """The absolute path of a file that may be read or ``written``, else None (reported).

        A remote file is fetched, unless it must be ``local``.
        """
        text = node.text
        if _URL.match(text):
            return self._remote(node, written, local)
        if "\0" in text:
            message, hint = "a path cannot contain a NUL character", "remove it"
            self.problems.add("bad-path", message, node, hint)
            return None
        path = Path(os.path.abspath(self.root / os.path.expanduser(text)))
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(folder) for folder in self.allowed):
            through = "" if real == path else f" (it is a link to {real})"
            cure = f"write below {self.root}" if written else f"copy it into {self.root}"
            self.problems.add(
                "outside-root",
                f"{text!r} is outside the spec's folder{through}",
                node,
                f"{cure}, or allow it: --allow-path {quote(str(real.parent))}",
            )
            return None
        return path

    def _remote(self, node: SpecNode, written: bool, local: bool) -> Path | None:
        text = node.text
        if _FETCHED.match(text) and self._fetch is not None and not (written or local):
            try:
                return self._fetch(text)
            except ProbeError as error:
                self.problems.add(error.code, error.message, node, error.hint)
                return None
        hint = "write a file and send that" if written else "download it and name the copy"
        message = f"{text!r} is a URL; vedc never uses the network"
        if self._fetch is not None and not (written or local):
            message = f"{text!r} is a URL of a kind that is not fetched; http, https, s3 and gs are"
        self.problems.add("url", message, node, hint)
        return None

    def is_sequence(self, node: SpecNode) -> bool:
        """Whether a path is a pattern for the pictures of an image sequence."""
        text = node.text
        if _URL.match(text) or "\0" in text or not is_pattern(text):
            return False
        return not os.path.lexists(self.root / os.path.expanduser(text))

    def existing(self, node: SpecNode, *, one: bool = False, local: bool = False) -> Path | None:
        """As :meth:`inside`, for a file that must exist and be readable.

        Unless it must be ``one`` file, it may be the pattern of an image sequence.
        """
        path = self.inside(node, local=local)
        if path is None:
            return None
        if not one and self.is_sequence(node):
            return path if self.matching(node, path) else None
        try:
            mode = os.stat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            self._missing(node, path)
            return None
        except OSError as error:  # its folder may not be entered, its name is too long, ...
            self._unreadable(node, str(error.strerror).lower())
            return None
        if stat.S_ISDIR(mode):
            message = f"{node.text!r} is a folder, not a file"
            self.problems.add("is-a-folder", message, node, "name a file in it")
        elif not stat.S_ISREG(mode):  # reading a pipe may block for ever
            message = f"{node.text!r} is not a regular file"
            self.problems.add("not-a-file", message, node, "copy what it gives into one")
        elif not os.access(path, os.R_OK):
            self._unreadable(node, "permission denied")
        else:
            return path
        return None

    def matching(self, node: SpecNode, path: Path) -> tuple[str, ...]:
        """The files that a pattern at ``path`` stands for, in natural order; none if a problem was
        reported."""
        try:
            files = listed(path).files
        except BadPattern as error:
            message = f"{node.text!r} cannot be used as a pattern of files"
            self.problems.add("bad-pattern", message, node, str(error))
            return ()
        if not files:
            near = example_of(path.parent)
            where = os.path.relpath(path.parent, self.root)
            hint = f"looked for {path}"
            if near is not None:
                hint = f"did you mean {os.path.normpath(os.path.join(where, near))!r}?"
            elif not path.parent.is_dir():
                hint = f"there is no folder {path.parent}"
            self.problems.add("file-missing", f"no file matches {node.text!r}", node, hint)
            return ()
        folders = {folder: os.path.realpath(folder) for folder in map(os.path.dirname, files)}
        for file in files:
            folder, name = os.path.split(file)
            real = os.path.realpath(file) if os.path.islink(file) else f"{folders[folder]}/{name}"
            if not any(Path(real).is_relative_to(allowed) for allowed in self.allowed):
                self.problems.add(
                    "outside-root",
                    f"{node.text!r} matches {name!r}, which is a link to {real}, outside the "
                    "spec's folder",
                    node,
                    f"copy it into {self.root}, or allow it: "
                    f"--allow-path {quote(os.path.dirname(real))}",
                )
                return ()
        return files

    def _missing(self, node: SpecNode, path: Path) -> None:
        if path.is_symlink():
            message = f"{node.text!r} is a link to {os.readlink(path)!r}, which does not exist"
            self.problems.add("file-missing", message, node, "put the file there, or fix the link")
            return
        near = did_you_mean(node.text, self._neighbours(path))
        hint = f"did you mean {near!r}?" if near else f"looked for {path}"
        self.problems.add("file-missing", f"there is no file {node.text!r}", node, hint)

    def _unreadable(self, node: SpecNode, reason: str) -> None:
        hint = "check its path and its permissions"
        self.problems.add("not-readable", f"{node.text!r} cannot be read: {reason}", node, hint)

    def _neighbours(self, path: Path) -> list[str]:
        """Files beside a missing one and in the root, as the spec would name them."""
        found: list[str] = []
        for folder in dict.fromkeys((path.parent, self.root)):
            try:
                names = sorted(os.listdir(folder))
            except OSError:
                continue
            found += [os.path.relpath(folder / name, self.root) for name in names]
        return found

    def has(self, name: str) -> bool:
        """Whether a file of that name is in the root folder."""
        return "\0" not in name and os.path.isfile(self.root / name)

    def names(self) -> list[str]:
        """The files in the root folder."""
        return self._neighbours(self.root / "-")

    def sequence(self, node: SpecNode, rate: Fraction) -> MediaInfo | None:
        """The media info of an image sequence shown at ``rate`` a second, else None (reported)."""
        path = self.existing(node)
        if path is None:
            return None
        known = self._chosen.setdefault(rate, {})
        return self._probed(known, lambda path: self.prober(path, rate=rate), path, node)

    def media(
        self, node: SpecNode, streams: Streams = USUAL, chosen: SpecNode | None = None
    ) -> MediaInfo | None:
        """The media info of a file, of which ``streams`` are used, else None (reported).

        ``chosen`` is where the spec names the streams.
        """
        path = self.existing(node, one=True)
        if path is None:
            return None
        if streams == USUAL:
            return self._probed(self._media, self.prober, path, node)
        known = self._chosen.setdefault(streams, {})
        return self._probed(known, lambda path: self.prober(path, streams), path, node, chosen)

    def font(self, node: SpecNode | None) -> FontInfo | None:
        """The info of a font, else None (reported); of vedc's own where none is named."""
        path = DEFAULT_FONT if node is None else self._font_file(node)
        return None if path is None else self._probed(self._fonts, self.fonts, path, node)

    def _font_file(self, node: SpecNode) -> Path | None:
        """The file of a font, named by path or by family."""
        text = node.text
        if self._family is None or any(mark in text for mark in "./\\") or self.has(text):
            return self.existing(node, one=True)
        try:
            return self._family(text)
        except ProbeError as error:
            self.problems.add(error.code, error.message, node, error.hint)
            return None

    def _probed(
        self,
        known: dict[Path, T | ProbeError],
        probe: Callable[[Path], T],
        path: Path,
        node: SpecNode | None,
        chosen: SpecNode | None = None,
    ) -> T | None:
        if path not in known:
            try:
                known[path] = probe(path)
            except ProbeError as error:
                known[path] = error
        found = known[path]
        if not isinstance(found, ProbeError):
            return found
        at = chosen if found.code == "no-stream" else node
        self.problems.add(found.code, found.message, at, found.hint)
        return None

    def lacks(self, node: SpecNode) -> bool:
        """Whether there is no file at an allowed path; reports nothing."""
        text = node.text
        if _URL.match(text) or "\0" in text:
            return False
        path = Path(os.path.abspath(self.root / os.path.expanduser(text)))
        inside = any(path.is_relative_to(folder) for folder in (self.root, *self.allowed))
        return inside and not os.path.exists(path)

    def pin(self, node: SpecNode) -> str:
        """The digest that the lock has for a file of a network; empty where it has none."""
        path = Path(os.path.abspath(self.root / node.text))
        return "" if self._models is None else self._models.pinned(path)

    def weights(self, node: SpecNode, network: str, call: SpecNode, named: SpecNode) -> Path | None:
        """The path of a file of weights for a network, else None (reported).

        ``call`` is that of the op that needs them, which names the file as ``named``.
        """
        if self.lacks(node):
            self._without_weights(node, call)
            return None
        path = self.existing(node, one=True)
        if path is None:
            return None
        from vedc.ops.shared import weight_file  # only for specs that name such a file

        try:
            if network != "onnx":
                weight_file.check(path, network)
        except UserError as error:
            for problem in error.problems:
                self._misuse(problem.code, problem.message, named, problem.hint)
            return None
        return path if self._as_pinned(path, network, named, call) else None

    def detector(self, node: SpecNode) -> tuple[Path, str] | None:
        """The path and the digest of a user's detector of faces, else None (reported).

        The file may be missing where ``vedc.lock`` has its digest: the lock then has its results,
        too.
        """
        if self._models is None:
            return None
        if self.lacks(node) and (pin := self.pin(node)):
            return Path(os.path.abspath(self.root / node.text)), pin
        found = self.existing(node, one=True)
        if found is None or not self._as_pinned(found, "faces", node, None):
            return None
        return found, self._models.digest(found)

    def speech_model(self, node: SpecNode) -> tuple[Path, str] | None:
        """The folder and the digest of a speech model, else None (reported). The folder may be
        missing: its words are in ``vedc.lock``."""
        path = self.inside(node)
        if path is None:
            return None
        if self.lacks(node) or self._models is None:
            return path, self.pin(node)
        return (path, self._models.digest(path)) if self._fits_pin(path, node) else None

    def check_pinned(self, folder: Path, at: SpecNode) -> bool:
        """Whether a speech model that no spec names matches the lock, if that has a digest of it;
        otherwise reported ``at`` the node that needs it."""
        pinned = self._models is not None and self._models.pinned(folder)
        return self._fits_pin(folder, at) if pinned else True

    def _fits_pin(self, folder: Path, node: SpecNode) -> bool:
        return self._as_pinned(folder, "speech", node, None)

    def _as_pinned(self, path: Path, network: str, node: SpecNode, call: SpecNode | None) -> bool:
        """Whether a network file matches the lock, or has no digest there yet, and fits the
        network."""
        if self._models is None:
            return True
        held = {} if call is None else call.entries
        given = {k: n.value for k, n in held.items() if not isinstance(n.value, dict)}
        try:
            self._models(path, network, given)
        except ProbeError as error:
            self._misuse(error.code, error.message, node, error.hint)
            return False
        return True

    def _misuse(self, code: str, message: str, named: SpecNode, hint: str | None) -> None:
        """Report a file that does not suit its use, where it is first ``named`` for such a use."""
        at = self._misused.setdefault((code, message), named.location)
        self.problems.add(code, message, at, hint)

    def _without_weights(self, node: SpecNode, call: SpecNode) -> None:
        op, path = call["op"].text, Path(os.path.abspath(self.root / node.text))
        pin = self.pin(node)
        known = f" ({pin} in vedc.lock)" if pin else ""
        near = did_you_mean(node.text, self._neighbours(path))
        cure = f"did you mean {near!r}?" if near else f"put the file back at {path}"
        self.problems.add(
            "weights-missing",
            f"{op} needs the weights {node.text!r}{known}, and there is no such file",
            call.get("asset") or node,
            f"{cure}; or name what is drawn without it: fallback: OP, or fallback: none",
        )

    def table(self, node: SpecNode, named: SpecNode) -> Path | None:
        """The path of a readable colour file, which a call names as ``named``, else None
        (reported)."""
        path = self.existing(node, one=True)
        if path is None:
            return None
        if path not in self._looks:
            try:
                self._looks[path] = self._probe_look(path)
            except Interrupted:
                raise
            except UserError as error:
                self._looks[path] = error
        found = self._looks[path]
        if isinstance(found, LookInfo):
            return path
        for problem in found.problems:
            message = f"{node.text!r}: {problem.message}"
            if problem.code == "bad-lut":
                line = f" (line {problem.location.line})" if problem.location else ""
                message = f"{node.text!r} is not a usable colour file: {problem.message}{line}"
            hint = problem.hint or "export it again, as a .cube file"
            self._misuse(problem.code, message, named, hint)
        return None

    def look(self, path: Path) -> LookInfo | None:
        """The info of a colour file that :meth:`table` found usable."""
        found = self._looks.get(path)
        return found if isinstance(found, LookInfo) else None
