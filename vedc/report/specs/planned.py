"""The plans of a spec, described: ``vedc plan``."""

from __future__ import annotations

from typing import Any

from vedc.edit.model import Edit
from vedc.execute.devices.device import Device
from vedc.execute.store import Store
from vedc.plan.describe import describe, describe_sheet, fallbacks, trace_of
from vedc.plan.logical import PassTrace
from vedc.report.colors import described_colors
from vedc.workspace.build import Build, Deciding
from vedc.workspace.contact_sheets import drawn_for
from vedc.workspace.networks import add_costs
from vedc.workspace.planning import fuse_plan, plan_edit


def described(
    build: Build,
    edit: Edit,
    deciding: Deciding,
    device: Device,
    store: Store,
    *,
    trace: bool = False,
    full: bool = False,
) -> dict[str, Any]:
    """The documented object of ``vedc plan --json`` for one output.

    ``trace`` adds what each pass does, ``full`` the listing of the whole plan.
    """
    passes: list[PassTrace] = []
    fused = [
        fuse_plan(plan_edit(build, each, passes.append if trace else None, device))
        for each in drawn_for(edit, build, deciding)
    ]
    if edit.output.sheet is None:
        entry = describe(fused[0], store.has)
    else:
        entry = describe_sheet(edit.output.path, fused, store.has)
    entry["device"] = str(device)
    entry["fallbacks"] = fallbacks(edit)
    if (colors := described_colors(edit)) is not None:
        entry["color"] = colors
    add_costs(entry, device, build.folder)
    if full:
        entry["listing"] = "".join(each.text() for each in fused)
    if trace:
        entry["trace"] = trace_of(passes)
    return entry
