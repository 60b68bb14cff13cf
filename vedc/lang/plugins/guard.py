"""Plugin code may print and fail; neither breaks a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Final

from vedc.errors import InternalError, Interrupted, RenderError, SourceLocation
from vedc.lang.yaml.load import display_name
from vedc.ops import Op
from vedc.support.diverted import diverted

CURE: Final = "fix the file, or remove it from `plugins`"


class PluginError(RenderError):
    """A plugin's function failed: ``plugin-failed``, placed at its line."""


@contextmanager
def guarded(path: Path, what: str = "", line: int = 1) -> Iterator[None]:
    """Run a plugin's code: its output goes to standard error.

    Raises PluginError for any exception of the code, ``SystemExit`` included, at the line of the
    plugin or else at ``line``. ``what`` is the op that failed.
    """
    try:
        with diverted():
            yield
    except (Interrupted, PluginError):  # already reported
        raise
    except BaseException as error:  # the code is the user's, and may raise anything
        message = f"{what}: {why(error)}" if what else why(error)
        raise PluginError.one("plugin-failed", message, where(error, path, line), CURE) from error


def guard(op: Op, path: Path) -> Op:
    """The same op; its functions and those of its filter run :func:`guarded`."""
    line = op.body.__code__.co_firstlineno

    def safe(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with guarded(path, op.name, line):
                return function(*args, **kwargs)

        return call

    if op.filter is not None:
        for name in ("reference", "cpu", "gpu"):
            setattr(op.filter, name, safe(getattr(op.filter, name)))
    return replace(
        op,
        body=safe(op.body),
        identity=safe(op.identity),
        inverse=op.inverse and safe(op.inverse),
        arguments=op.arguments and safe(op.arguments),
        prepare=op.prepare and safe(op.prepare),
    )


def where(error: BaseException, path: Path, line: int = 1) -> SourceLocation:
    """The line of the plugin at which it failed; ``line`` if the failure is elsewhere."""
    import traceback

    file = display_name(path)
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return SourceLocation(file, error.lineno or 1, error.offset or 1)
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return SourceLocation(file, (lines[-1] if lines else None) or line)


def why(error: BaseException) -> str:
    """An exception in words."""
    text = _text(error)
    if isinstance(error, (SyntaxError, InternalError, TypeError, NameError, AttributeError)):
        return text or "it cannot be run"
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    return f"{kind}: {text}" if text else kind


def _text(error: BaseException) -> str:
    try:
        return str(error.msg if isinstance(error, SyntaxError) else error).strip()
    except Exception:  # a plugin's own exception that cannot be shown
        return ""
