"""vedc: a compiler for video edits.

    import vedc

    spec = vedc.Spec.load("edit.vedc.yaml", variables={"headline": "Good night"})
    vedc.render(spec)

:class:`Spec` is an edit, checked in ``spec.problems``; :func:`plan` says what a render would do,
:func:`render` writes the outputs, and :func:`still` and :func:`frames` give pictures as NumPy
arrays. Anything a user can fix is raised as a :class:`UserError`, whose ``problems`` have a code,
a place and a cure. Nothing is printed. Names are loaded when they are first used, so importing
vedc costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedc.api.pictures import frames, still
    from vedc.api.plans import OutputPlan, Plan, SegmentPlan, plan
    from vedc.api.progress import Progress
    from vedc.api.renders import Rendered, render
    from vedc.api.spec import Output, Spec
    from vedc.errors import (
        InternalError,
        Interrupted,
        LockError,
        MissingError,
        Problem,
        RenderError,
        SourceLocation,
        SpecError,
        UsageError,
        UserError,
        VedcError,
    )

__version__ = "0.1.0"

__all__ = [
    "InternalError",
    "Interrupted",
    "LockError",
    "MissingError",
    "Output",
    "OutputPlan",
    "Plan",
    "Problem",
    "Progress",
    "RenderError",
    "Rendered",
    "SegmentPlan",
    "SourceLocation",
    "Spec",
    "SpecError",
    "UsageError",
    "UserError",
    "VedcError",
    "__version__",
    "frames",
    "plan",
    "render",
    "still",
]

#: The module of each name. ``plan`` is the package of that name, which is callable.
_MODULES = {
    "Output": "api.spec",
    "OutputPlan": "api.plans",
    "Plan": "api.plans",
    "Progress": "api.progress",
    "Rendered": "api.renders",
    "SegmentPlan": "api.plans",
    "Spec": "api.spec",
    "frames": "api.pictures",
    "plan": "",
    "render": "api.renders",
    "still": "api.pictures",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    where = _MODULES.get(name, "errors")
    value = getattr(import_module(f"vedc.{where}"), name) if where else import_module("vedc.plan")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
