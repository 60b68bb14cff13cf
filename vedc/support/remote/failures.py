"""Exceptions of fsspec and the packages below it: their meaning, and whether a retry may help."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from contextlib import suppress
from errno import EROFS
from functools import cache
from typing import Final, Literal, TypeVar

Result = TypeVar("Result")

PAUSES: tuple[float, ...] = (0.5, 2.0, 5.0)
"""Seconds before each further try."""

Kind = Literal["missing", "refused", "silent", "failed"]

#: Names of errors of botocore and aiohttp caused by a lost connection.
_BROKEN: Final = frozenset(
    {
        "ClientConnectionError", "ClientPayloadError", "ConnectionClosedError",
        "EndpointConnectionError", "HTTPClientError", "IncompleteReadError",
    }
)  # fmt: skip


class Broken(Exception):
    """The connection ended before the file did."""


def tries(ask: Callable[[], Result]) -> Result:
    """An answer, with retries if only the connection failed."""
    for pause in PAUSES:
        try:
            return ask()
        except failures() as error:
            if not may_pass(error):
                raise
        time.sleep(pause)
    return ask()


@cache
def failures() -> tuple[type[Exception], ...]:
    """Exceptions of failed reads and writes."""
    found: list[type[Exception]] = [OSError, ValueError, RuntimeError, EOFError, Broken]
    places = ("aiohttp.ClientError", "botocore.exceptions.BotoCoreError",
              "botocore.exceptions.ClientError", "gcsfs.retry.HttpError",
              "google.auth.exceptions.GoogleAuthError")  # fmt: skip
    for place in places:
        module, _, name = place.rpartition(".")
        with suppress(ImportError):
            found.append(getattr(importlib.import_module(module), name))
    return tuple(found)


def may_pass(error: BaseException) -> bool:
    """Whether a retry may help."""
    error = real(error)
    answer = status(error)
    if answer is not None:
        return answer in (408, 425, 429, 500, 502, 503, 504)
    if isinstance(error, (FileNotFoundError, PermissionError, NotImplementedError)):
        return False
    names = {kind.__name__ for kind in type(error).__mro__}
    broken = isinstance(error, (Broken, TimeoutError, ConnectionError))
    return broken or bool(names & _BROKEN)


def kind(error: BaseException) -> Kind:
    """The meaning of an error for the user."""
    error = real(error)
    answer = status(error)
    if isinstance(error, FileNotFoundError) or answer in (404, 410):
        return "missing"
    read_only = isinstance(error, OSError) and error.errno == EROFS
    if isinstance(error, PermissionError) or answer in (401, 403) or read_only or no_key(error):
        return "refused"
    return "silent" if isinstance(error, TimeoutError) else "failed"


def real(error: BaseException) -> BaseException:
    """The underlying error: for HTTP, fsspec reports a file as missing whatever the reason."""
    while isinstance(error, FileNotFoundError) and isinstance(error.__cause__, failures()):
        if code_of(error.__cause__):
            break  # S3's codes are translated well
        error = error.__cause__
    return error


def status(error: BaseException) -> int | None:
    """The status of a server's answer."""
    found = getattr(error, "status", None) or getattr(error, "code", None)
    return found if isinstance(found, int) else None


def code_of(error: BaseException | None) -> str:
    """S3's name for an error, such as ``NoSuchBucket``; empty for others."""
    while error is not None:
        answer = getattr(error, "response", None)
        if isinstance(answer, dict):
            return str(answer.get("Error", {}).get("Code", ""))
        error = error.__cause__
    return ""


def no_key(error: BaseException) -> bool:
    """Whether no keys of S3 were found."""
    return type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError")
