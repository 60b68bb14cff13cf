"""Files of a shared store by name, through fsspec, with errors in words that a user understands.

Several threads may call these at once. In object storage a file exists completely or not at all. In
folders it is first written under another name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EDQUOT, ENOSPC
from pathlib import Path, PurePosixPath
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, TypeVar

from vedc.errors import MissingError, RenderError, UserError
from vedc.execute.shared.address import Address
from vedc.support.remote import failures as failing
from vedc.support.remote.connect import NotInstalled, connect
from vedc.support.remote.failures import failures, tries

Result = TypeVar("Result")

#: Protocols that make a written file appear completely or not at all under its name.
_WHOLE: Final = ("s3", "gs", "memory")
#: S3's error codes for a missing name when the user may not list the bucket. Other codes of refused
#: requests are about keys: expired, unknown.
_HIDDEN: Final = ("", "403", "AccessDenied", "Forbidden")
#: A file that states the store's format.
_FORM: Final = "vedc-store"
_FORM_TEXT: Final = b"A shared store of vedc, form 1. See its page on large jobs.\n"


class Listed(NamedTuple):
    name: str
    size: int
    """Bytes."""
    stored: float
    """Seconds since the epoch; 0 if unknown."""


class Refused(Exception):
    """The store may be read, but not written."""


class Objects:
    """The files below an address. Opening one and not using it does not touch the network."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._system: Any = None
        self._root = ""
        self._lock = threading.Lock()

    def __getstate__(self) -> Address:
        return self.address

    def __setstate__(self, address: Address) -> None:
        self.__init__(address)  # type: ignore[misc]

    def open(self, make: bool = True) -> None:
        """Check that the store exists and has a known format; ``make`` one in an empty place.

        Raises MissingError ``missing-extra`` or ``no-store``, and RenderError ``store-refused`` or
        ``store-failed``.
        """
        with self._lock:
            if self._system is not None:
                return
            try:
                system, self._root = connect(self.address.url)
            except NotInstalled as error:
                message = f"--store {self.address.shown} needs a package: {error.package}"
                raise MissingError.one("missing-extra", message, hint=error.cure) from None
            if make and self.address.scheme == "file":
                with self._readable_errors():
                    Path(self._root).mkdir(parents=True, exist_ok=True)
            self._check_form(system, make)
            self._system = system

    def get(self, name: str, target: Path) -> bool:
        """Write a file of the store to ``target``; False if there is none. Raises OSError if this
        machine's disk is full."""
        self.open()

        def got() -> bool:
            self._system.get_file(self._path(name), str(target))
            return True

        with self._readable_errors():
            return self._unless_missing(lambda: tries(got), instead=False)

    def has(self, name: str) -> bool:
        self.open()

        def info() -> bool:
            self._system.info(self._path(name))
            return True

        with self._readable_errors():
            return self._unless_missing(lambda: tries(info), instead=False)

    def put(self, name: str, source: Path) -> None:
        """Store a file, replacing one of this name. Raises Refused besides the errors of
        ``open``."""
        self.open()
        if not self.address.is_written:
            raise Refused
        with self._readable_errors(writing=True):
            self._put(self._system, name, source)

    def remove(self, names: Sequence[str]) -> None:
        """Remove files; ignores missing ones. Raises the same errors as ``put``."""
        self.open()
        if names and not self.address.is_written:
            raise Refused
        with self._readable_errors(writing=True):
            for name in names:
                with suppress(FileNotFoundError):
                    tries(lambda name=name: self._system.rm_file(self._path(name)))  # type: ignore[misc]

    def names(self, folder: str) -> list[Listed]:
        """All files below a folder."""
        self.open()
        with self._readable_errors():
            found: dict[str, Any] = self._unless_missing(
                lambda: tries(lambda: self._system.find(self._path(folder), detail=True)), {}
            )
        start = len(self._path(""))
        return [
            Listed(str(path)[start:].lstrip("/"), int(info.get("size") or 0), _time(info))
            for path, info in found.items()
        ]

    # -- inside ----------------------------------------------------------------------------

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _put(self, system: Any, name: str, source: Path) -> None:
        path = self._path(name)
        if self.address.scheme in _WHOLE:
            tries(lambda: system.put_file(str(source), path))
            return
        draft = self._path(f"drafts/{token_hex(12)}")
        for folder in {str(PurePosixPath(path).parent), str(PurePosixPath(draft).parent)}:
            system.makedirs(folder, exist_ok=True)
        try:
            tries(lambda: system.put_file(str(source), draft))
            Path(draft).replace(path)
        except BaseException:
            with suppress(*failures()):
                system.rm_file(draft)
            raise

    def _check_form(self, system: Any, make: bool) -> None:
        path = self._path(_FORM)
        with self._readable_errors():
            try:
                held = tries(lambda: system.cat_file(path))
            except failures() as error:
                what = failing.kind(error)
                if failing.code_of(error) == "NoSuchBucket" or what not in ("missing", "refused"):
                    raise
                if not make or not self.address.is_written:
                    if what == "refused":
                        raise
                    message = f"there is no store at {self.address.shown}"
                    hint = "check its name; the first render with --store makes it"
                    if not self.address.is_written:
                        hint = "web servers are only read: copy a store there first"
                    raise MissingError.one("no-store", message, hint=hint) from None
                # Without permission to list a bucket, missing files are refused, not reported.
                with TemporaryDirectory() as folder:
                    form = Path(folder) / _FORM
                    form.write_bytes(_FORM_TEXT)
                    self._put(system, _FORM, form)
                return
        if held != _FORM_TEXT:
            message = f"{self.address.shown} is not a store, or that of another version of vedc"
            hint = "use another folder for this version"
            raise RenderError.one("no-store", message, hint=hint)

    def _unless_missing(self, ask: Callable[[], Result], instead: Result) -> Result:
        try:
            return ask()
        except failures() as error:
            what, code = failing.kind(error), failing.code_of(error)
            # The format file was read, so a refused name is a missing one: S3 admits that only to
            # users who may list the bucket.
            hidden = what == "refused" and code in _HIDDEN
            if (what == "missing" and code != "NoSuchBucket") or hidden:
                return instead
            raise

    def _readable_errors(self, writing: bool = False) -> _ReadableErrors:
        return _ReadableErrors(self.address, writing)


class _ReadableErrors:
    """Turns errors of fsspec into readable ones."""

    def __init__(self, address: Address, writing: bool) -> None:
        self._address, self._writing = address, writing

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, failures()):
            if not self._writing and getattr(error, "errno", None) in (ENOSPC, EDQUOT):
                return
            if self._writing and failing.kind(error) == "refused":
                raise Refused from error
            raise explained(self._address, error) from error


def explained(address: Address, error: BaseException) -> UserError:
    """A readable error for one of fsspec."""
    cause = failing.real(error)
    where, answer, what = address.shown, failing.status(cause), failing.kind(error)
    if failing.code_of(error) == "NoSuchBucket":
        message = f"there is no bucket for {where}"
        return MissingError.one("no-store", message, hint="check its name, or make it first")
    in_folder = address.scheme == "file"
    reason = "it is silent" if what == "silent" else str(cause).strip() or type(cause).__name__
    if in_folder and isinstance(cause, OSError) and cause.strerror:
        reason = cause.strerror.lower()
    if what == "refused":
        detail = reason if in_folder else failing.code_of(error)
        detail = detail or (str(answer) if answer is not None else "")
        message = f"the store {where} may not be used{f' ({detail})' if detail else ''}"
        hint = "check that you are logged in and may read and write there"
        if in_folder:
            hint = "name a folder in which you may write"
        elif failing.no_key(cause):
            message = f"the store {where} may not be used: no keys to it were found"
            hint = "log in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return RenderError.one("store-refused", message, hint=hint)
    hint = "check its address and the connection"
    if in_folder:
        hint = "name a folder in which you may write"
        if isinstance(cause, (FileExistsError, NotADirectoryError)):
            reason = "it is a file, or lies below one"
        elif getattr(cause, "errno", None) in (ENOSPC, EDQUOT):
            hint = "free some space there"
    message = f"the store {where} cannot be used: {reason.splitlines()[0]}"
    hint = f"{hint}, or leave --store out: the film is the same"
    return RenderError.one("store-failed", message, hint=hint)


def _time(info: dict[str, Any]) -> float:
    """When a file was stored."""
    for key in ("LastModified", "mtime", "last_modified", "created", "updated"):
        value = info.get(key)
        if value is None:
            continue
        stamp = getattr(value, "timestamp", None)
        with suppress(TypeError, ValueError):
            return float(stamp() if stamp is not None else value)
    return 0.0
