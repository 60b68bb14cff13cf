"""Downloading one file of another machine through fsspec: in pieces, each tried again.

Only this module of vedc uses the network, and it is called only where the user allows that.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from vedc.edit.media_info import ProbeError
from vedc.errors import InternalError
from vedc.support.lazy_dataclass import dataclass
from vedc.workspace.remote import Meter, shown

#: Schemes that may be read, and the package that fsspec needs for each.
SCHEMES: Final = {"http": "aiohttp", "https": "aiohttp", "s3": "s3fs", "gs": "gcsfs"}

PIECE: Final = 8 << 20
"""Bytes that are asked for at once, where the server can give a part of a file."""
PAUSES: Final = (0.5, 2.0, 5.0)
"""Seconds before each further try."""
CONNECT, SILENCE = 20.0, 60.0
"""Seconds to wait for a connection, and for the next bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Fetched:
    digest: str
    """BLAKE2b-256 of the content, in hexadecimal digits."""
    size: int
    state: list[str]
    """What the server said of it, as :func:`state` gives it."""


class _Broken(Exception):
    """The connection ended before the file did."""


class _Whole(Exception):
    """The server gives the file only as a whole."""


def download(url: str, target: Path, most: int, meter: Meter | None = None) -> Fetched:
    """Write the content of ``url`` to ``target``, at most ``most`` bytes.

    Raises ProbeError ``missing-extra``, ``remote-missing``, ``remote-refused``, ``remote-failed``
    or ``remote-too-large``, and OSError where the file cannot be written.
    """
    system, path = _system(url)
    parts = True
    for pause in (*PAUSES, None):
        try:
            try:
                return _once(url, system, path, target, most, meter, parts=parts)
            except _Whole:
                parts = False
                return _once(url, system, path, target, most, meter, parts=parts)
        except _Broken as error:
            if pause is None:
                raise _explained(url, error) from error
            time.sleep(pause)
    raise InternalError("a download was tried for ever")


def state(url: str) -> list[str]:
    """What changes when the file at ``url`` does. Raises ProbeError as :func:`download`."""
    system, path = _system(url)
    with _told(url):
        return _state(_tries(lambda: system.info(path)))


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
    """Raises _Broken where all of it has to be asked for again, _Whole where ``parts`` fail."""
    with _told(url):
        before = _tries(lambda: system.info(path))
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
        raise _Broken(f"{done} of its {size} bytes came")
    with _told(url):
        after = _tries(lambda: system.info(path))
    if _state(before) != _state(after):
        raise _Broken("it changed while it was read")
    return Fetched(found.hexdigest(), done, _state(before))


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the name in it."""
    scheme = urlsplit(url).scheme.lower()
    try:
        from fsspec.core import url_to_fs

        options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
        if scheme in ("http", "https"):
            import aiohttp

            limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=SILENCE)
            options["headers"] = {"Accept-Encoding": "identity"}
            options["client_kwargs"] = {"timeout": limits, "trust_env": True}
        system, path = url_to_fs(url, **options)
    except ImportError:
        package = SCHEMES[scheme]
        cure = "pip install 'vedc[remote]'"
        if package != "aiohttp":
            cure += f" {package}"
        message = f"reading {scheme}:// needs a package that is not installed: {package}"
        raise ProbeError("missing-extra", message, cure) from None
    return system, path


def _tries(ask: Callable[[], Any]) -> Any:
    """What an answer is, asked for again where only the connection failed."""
    for pause in PAUSES:
        try:
            return ask()
        except _failures() as error:
            if not _may_pass(error):
                raise
        time.sleep(pause)
    return ask()


def _coming(url: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with _told(url):
        yield from pieces


def _in_parts(system: Any, path: str, size: int) -> Iterator[bytes]:
    """The content, in order."""
    with system.open(path, "rb", block_size=PIECE, cache_type="none", size=size) as file:
        for start in range(0, size, PIECE):
            try:
                yield _tries(partial(_piece, file, start, min(PIECE, size - start)))
            except ValueError as error:  # what fsspec says where a server knows no parts
                raise _Whole from error


def _piece(file: Any, start: int, length: int) -> bytes:
    """A part of a file; what breaks off is asked for again from there."""
    file.seek(start)
    got: bytes = file.read(length)
    if len(got) < length:
        raise _Broken(f"{start + len(got)} bytes of it came")
    return got


def _streamed(system: Any, path: str) -> Iterator[bytes]:
    """All in one answer, from a server that gives no parts."""
    try:
        with system.open(path, "rb", block_size=0) as stream:
            while got := stream.read(1 << 20):
                yield got
    except _failures() as error:
        if _may_pass(error):
            raise _Broken(str(error) or type(error).__name__) from error
        raise


def _state(info: dict[str, Any]) -> list[str]:
    """What changes when a file on a server does."""
    times = "Last-Modified", "LastModified", "last_modified", "mtime"
    return [str(info.get(key)) for key in ("size", "ETag", "etag", "md5Hash", *times)]


@cache
def _failures() -> tuple[type[Exception], ...]:
    """What fsspec and the packages below it raise where something cannot be read."""
    found: list[type[Exception]] = [OSError, ValueError, RuntimeError, EOFError, _Broken]
    places = ("aiohttp.ClientError", "botocore.exceptions.BotoCoreError",
              "botocore.exceptions.ClientError", "gcsfs.retry.HttpError",
              "google.auth.exceptions.GoogleAuthError")  # fmt: skip
    for place in places:
        module, _, name = place.rpartition(".")
        with suppress(ImportError):
            found.append(getattr(importlib.import_module(module), name))
    return tuple(found)


def _may_pass(error: BaseException) -> bool:
    """Whether asking again may help."""
    error = _real(error)
    status = _status(error)
    if status is not None:
        return status in (408, 425, 429, 500, 502, 503, 504)
    if isinstance(error, (FileNotFoundError, PermissionError, NotImplementedError)):
        return False
    names = {kind.__name__ for kind in type(error).__mro__}
    broken = isinstance(error, (_Broken, TimeoutError, ConnectionError))
    return broken or bool(names & {"ClientPayloadError", "ClientConnectionError"})


def _real(error: BaseException) -> BaseException:
    """What went wrong: of HTTP, fsspec reports a file as missing whatever the reason."""
    while isinstance(error, FileNotFoundError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _status(error: BaseException) -> int | None:
    """The status that a server answered with."""
    found = getattr(error, "status", None) or getattr(error, "code", None)
    return found if isinstance(found, int) else None


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turns what fsspec raises into a ProbeError about ``url``."""
    try:
        yield
    except (_Broken, _Whole):
        raise
    except _failures() as error:
        raise _explained(url, error) from error


def _explained(url: str, error: BaseException) -> ProbeError:
    error = _real(error)
    url, status = shown(url), _status(error)
    told = f" ({status})" if status is not None else ""
    copy = "or download it yourself and name the copy"
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return ProbeError("remote-missing", f"there is no file at {url}", f"check it, {copy}")
    if isinstance(error, PermissionError) or status in (401, 403) or _no_key(error):
        hint = f"check that you may read it and are logged in, {copy}"
        return ProbeError("remote-refused", f"the server does not give {url}{told}", hint)
    if isinstance(error, TimeoutError):
        message = f"{url} did not come: the server is silent"
    elif status is not None:
        message = f"{url} did not come: the server answers {status}"
    else:
        message = f"{url} did not come: {str(error) or type(error).__name__}"
    return ProbeError("remote-failed", message, f"check the connection and try again, {copy}")


def _no_key(error: BaseException) -> bool:
    return type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError")


def _check_size(url: str, size: int, most: int) -> None:
    if size > most:
        message = (
            f"{shown(url)} has {size / 1e6:,.0f} MB, and at most {most / 1e6:,.0f} are fetched"
        )
        hint = f"allow it with --max-download {-(-size // 10**9)}G, or name a smaller file"
        raise ProbeError("remote-too-large", message, hint)
