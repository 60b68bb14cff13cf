"""Make one file of the zoo, validate and render its film, and list the faults."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.media.zoo.entry import Entry
from tests.media.zoo.film import differences
from vedc.edit.media_info import ProbeError
from vedc.errors import UserError
from vedc.media.decoding import first_tick
from vedc.media.digest import Stamp
from vedc.media.probe import probe
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver


def check(entry: Entry, folder: Path) -> list[str]:
    """Every fault of the product with ``entry``, in words."""
    entry.make(folder / entry.name)
    spec = folder / "edit.vedc.yaml"
    spec.write_text(yaml.safe_dump(entry.spec(), sort_keys=False, allow_unicode=True))
    build = Build(spec)
    try:
        edits = build.edits()
    except UserError as error:
        return _refusal(entry, error)
    if entry.right.refused is not None:
        return [f"accepted, not refused with {entry.right.refused}"]
    faults = _beginning(folder / entry.name)
    if faults:
        return faults
    reported = {warning.code for edit in edits for warning in edit.warnings}
    if reported != entry.right.notes:
        return [f"remarks {sorted(reported)}, not {sorted(entry.right.notes)}"]
    try:
        (report,) = deliver(Build(spec), replace=True)
    except UserError as error:
        return [f"valid, but the render fails: {error}"]
    found = {warning.code for warning in report.warnings} - reported
    if entry.right.reported is not None and found != entry.right.reported:
        return [f"the render reports {sorted(found)}, not {sorted(entry.right.reported)}"]
    return differences(Path(report.target), entry.right)


def _beginning(file: Path) -> list[str]:
    """Whether the probe has another time for the first frame than decoding it gives."""
    try:
        info = probe(file)
    except (ProbeError, OSError):  # not media, as a font, or a pattern of names
        return []
    if info.video is None or info.video.begins is None:
        return []
    found = first_tick(Stamp.probed(info), info.video.stream)
    wanted = info.video.begins, True
    return [] if found == wanted else [f"begins at {wanted} by its probe, {found} decoded"]


def _refusal(entry: Entry, error: UserError) -> list[str]:
    codes = [problem.code for problem in error.problems]
    if entry.right.refused is None or codes != [entry.right.refused]:
        wanted = entry.right.refused or "accepted"
        return [f"refused with {codes}, not {wanted}: {error}"]
    (problem,) = error.problems
    found = []
    if not problem.hint:
        found.append(f"refused without a cure: {error}")
    if entry.name not in problem.message:
        found.append(f"the refusal does not name the file: {error}")
    if problem.location is None:
        found.append("the refusal has no place in the spec")
    return found
