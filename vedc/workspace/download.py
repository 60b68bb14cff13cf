"""Downloading one file from another machine through fsspec: in pieces, with retries.

It is called only where the user allows the network.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from vedc.edit.media_info import ProbeError
from vedc.errors import InternalError
from vedc.support.lazy_dataclass import dataclass
from vedc.support.remote import failures as failing
from vedc.support.remote.connect import NotInstalled, connect
from vedc.support.remote.failures import Broken, failures, kind, may_pass, real, status, tries
from vedc.workspace.remote import Meter, shown

PIECE: Final = 8 << 20
"""Bytes requested at once, if the server supports ranges."""


@dataclass(frozen=True, slots=True)
class Fetched:
    digest: str
    """BLAKE2b-256 of the content, in hexadecimal digits."""
    size: int
    state: list[str]
    """The server's state of it, from :func:`state`."""


class _Whole(Exception):
    """The server only sends whole files."""


def download(url: str, target: Path, most: int, meter: Meter | None = None) -> Fetched:
    """Write the content of ``url`` to ``target``, at most ``most`` bytes.

    Raises ProbeError ``missing-extra``, ``remote-missing``, ``remote-refused``, ``remote-failed``
    or ``remote-too-large``, and OSError where the file cannot be written.
    """
    system, path = _system(url)
    parts = True
    for pause in (*failing.PAUSES, None):
        try:
            try:
                return _once(url, system, path, target, most, meter, parts=parts)
            except _Whole:
                parts = False
                return _once(url, system, path, target, most, meter, parts=parts)
        except Broken as error:
            if pause is None:
                raise _explained(url, error) from error
            time.sleep(pause)
    raise InternalError("a download was tried for ever")


def state(url: str) -> list[str]:
    """A value that changes when the file at ``url`` does. Raises ProbeError as :func:`download`."""
    system, path = _system(url)
    with _probe_errors(url):
        return _state(tries(lambda: system.info(path)))


def _once(
    url: str,
    system: Any,
    path: str,
    target: Path,
    most: int,
    meter: Meter | None,
    *,
    parts: bool,
) -> Fetched:
    """Raises Broken if all of it must be requested again, _Whole if ``parts`` fail."""
    with _probe_errors(url):
        before = tries(lambda: system.info(path))
    size = before.get("size")
    if size is not None:
        _check_size(url, size, most)
    found, done = blake2b(digest_size=32), 0
    meter = meter if size is not None else None
    if meter is not None:
        meter.start(urlsplit(url).path, float(size) / 1e6)
    try:
        with open(target, "wb") as file:
            parts = parts and size is not None and before.get("partial", True)
            pieces = _in_parts(system, path, size) if parts else _streamed(system, path)
            for piece in _coming(url, pieces):
                done += len(piece)
                _check_size(url, done, most)
                file.write(piece)
                found.update(piece)
                if meter is not None:
                    meter.advance(len(piece) / 1e6)
    finally:
        if meter is not None:
            meter.finish()
    if size is not None and done != size:
        raise Broken(f"{done} of its {size} bytes came")
    with _probe_errors(url):
        after = tries(lambda: system.info(path))
    if _state(before) != _state(after):
        raise Broken("it changed while it was read")
    return Fetched(found.hexdigest(), done, _state(before))


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the name in it."""
    try:
        return connect(url)
    except NotInstalled as error:
        scheme = urlsplit(url).scheme.lower()
        message = f"reading {scheme}:// needs a package that is not installed: {error.package}"
        raise ProbeError("missing-extra", message, error.cure) from None


def _coming(url: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with _probe_errors(url):
        yield from pieces


def _in_parts(system: Any, path: str, size: int) -> Iterator[bytes]:
    """The content, in order."""
    with system.open(path, "rb", block_size=PIECE, cache_type="none", size=size) as file:
        for start in range(0, size, PIECE):
            try:
                yield tries(partial(_piece, file, start, min(PIECE, size - start)))
            except ValueError as error:  # fsspec's message for a server without ranges
                raise _Whole from error


def _piece(file: Any, start: int, length: int) -> bytes:
    """A part of a file; after a break, it is requested again from there."""
    file.seek(start)
    got: bytes = file.read(length)
    if len(got) < length:
        raise Broken(f"{start + len(got)} bytes of it came")
    return got


def _streamed(system: Any, path: str) -> Iterator[bytes]:
    """The whole content in one response, from a server without ranges."""
    try:
        with system.open(path, "rb", block_size=0) as stream:
            while got := stream.read(1 << 20):
                yield got
    except failures() as error:
        if may_pass(error):
            raise Broken(str(error) or type(error).__name__) from error
        raise


def _state(info: dict[str, Any]) -> list[str]:
    """A value that changes when a file on a server does."""
    times = "Last-Modified", "LastModified", "last_modified", "mtime"
    return [str(info.get(key)) for key in ("size", "ETag", "etag", "md5Hash", *times)]


@contextmanager
def _probe_errors(url: str) -> Iterator[None]:
    """Turns fsspec's exceptions into a ProbeError about ``url``."""
    try:
        yield
    except (Broken, _Whole):
        raise
    except failures() as error:
        raise _explained(url, error) from error


def _explained(url: str, error: BaseException) -> ProbeError:
    error = real(error)
    url, answer, what = shown(url), status(error), kind(error)
    suffix = f" ({answer})" if answer is not None else ""
    copy = "or download it yourself and name the copy"
    if what == "missing":
        return ProbeError("remote-missing", f"there is no file at {url}", f"check it, {copy}")
    if what == "refused":
        hint = f"check that you may read it and are logged in, {copy}"
        return ProbeError("remote-refused", f"the server refuses {url}{suffix}", hint)
    if what == "silent":
        message = f"{url} could not be fetched: the server does not respond"
    elif answer is not None:
        message = f"{url} could not be fetched: the server answers {answer}"
    else:
        message = f"{url} did not come: {str(error) or type(error).__name__}"
    return ProbeError("remote-failed", message, f"check the connection and try again, {copy}")


def _check_size(url: str, size: int, most: int) -> None:
    if size > most:
        message = (
            f"{shown(url)} has {size / 1e6:,.0f} MB, and at most {most / 1e6:,.0f} are fetched"
        )
        hint = f"allow it with --max-download {-(-size // 10**9)}G, or name a smaller file"
        raise ProbeError("remote-too-large", message, hint)
