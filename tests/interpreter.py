"""Triton's interpreter without work that it repeats."""

from __future__ import annotations

from typing import Any


def patch_once_a_launch() -> None:
    """Patch Triton's language once for each module that a launch calls.

    The interpreter does so, to the same end, in every call of a function of a kernel, which takes
    a third of its time. Call this after Triton is imported with TRITON_INTERPRET=1.
    """
    from triton.runtime import interpreter

    patch, launch = interpreter._patch_lang, interpreter.GridExecutor.__call__
    patched: set[int] = set()

    def patch_once(function: Any) -> Any:
        module = id(function.__globals__)
        if module in patched:
            return None
        patched.add(module)
        return patch(function)

    def launch_patched(self: Any, *arguments: Any, **named: Any) -> None:
        patched.clear()
        try:
            launch(self, *arguments, **named)
        finally:
            patched.clear()  # what was patched is restored

    interpreter._patch_lang = patch_once
    interpreter.GridExecutor.__call__ = launch_patched
