"""Tools about a spec: whether it is valid, what a render would do, why vedc decided so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vedc.errors import LockError, MissingError, SpecError
from vedc.report.forms import specs as forms
from vedc.report.forms.problems import PROBLEM
from vedc.report.forms.shape import (
    choice,
    count,
    flag,
    listing,
    maybe,
    number,
    record,
    text,
    without,
)
from vedc.report.problems import records
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.tool import FROM, MOST_PROBLEMS, OUTPUTS, SPEC, TO, VARIABLES, Answer, Tool
from vedc.workspace.moments import Part

CHECKED: Final = record(
    {
        "valid": flag("Whether the spec can be rendered as it is."),
        "errors": count(),
        "warnings": count(),
        "problems": listing(
            PROBLEM, "Errors, warnings and notes, in order of place: the first hundred of them."
        ),
        "outputs": listing(
            without(forms.CHECKED, "warnings"), "Of a valid spec, one for each file that it makes."
        ),
    }
)


def checked(folder: Folder, spec: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """Whether a spec is valid, and every problem that it has: its problems are never exceptions."""
    from vedc.report.specs import checked as report
    from vedc.workspace.specs.checking import check_spec

    outputs: list[dict[str, Any]] = []
    build = folder.build(spec, variables)
    try:
        found = check_spec(build)
        found.check_sound()
        problems = [folder.problem(problem) for problem in found.warnings]
        outputs = report.data(found)
        for output in outputs:
            output["output"] = folder.shown(output["output"])
            del output["warnings"]  # they are among the problems
    except (SpecError, MissingError, LockError) as error:
        problems = list(folder.error(error).problems)
    severities = [problem.severity for problem in problems]
    return {
        "valid": "error" not in severities,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "problems": records(problems)[:MOST_PROBLEMS],
        "outputs": outputs,
    }


def _validate(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    return Answer(checked(folder, given["spec"], given["variables"]))


_PLANNED: Final = record(
    {
        "output": text("Path of the file."),
        "form": forms.PLANNED["properties"]["form"],
        "seconds": number("", 0),
        "frames": count(),
        "width": maybe(count()),
        "height": maybe(count()),
        "fps": maybe(text("A fraction in text.")),
        "codec": maybe(text()),
        "segments": count(),
        "segments_to_render": count("The others are stored, or copied from their source."),
        "copied_frames": count("Frames whose packets are copied from their source."),
        "frames_to_render": count(),
        "sound": maybe(choice("", "stored", "to render")),
        "effects": listing(text(), "Every op that is computed."),
        "device": text("What computes the frames."),
        "fallbacks": listing(text(), "What is drawn in place of ops that lack their weights."),
    }
)


def _plan(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.execute.devices.device import pick_device
    from vedc.execute.store import Store
    from vedc.report.progress import SECONDS
    from vedc.report.specs.planned import described
    from vedc.workspace.build import Deciding

    device = pick_device("auto")
    part = Part(given.get("from"), given.get("to"))
    build = folder.build(given["spec"], given["variables"], part=part, only=(*given["only"],))
    deciding = Deciding(build, "decide", call.progress(SECONDS))
    deciding.networks = device.networks
    store = Store(build.folder)
    plans = [described(build, edit, deciding, device, store) for edit in build.edits(deciding)]
    return Answer({"outputs": [_summary(folder, plan) for plan in plans]})


def _summary(folder: Folder, plan: dict[str, Any]) -> dict[str, Any]:
    waiting = [s for s in plan["segments"] if not s["stored"] and s["copied"] is None]
    pieces = [piece for segment in plan["segments"] for piece in segment["pieces"]]
    sound = plan["sound"]
    return {
        "output": folder.shown(plan["target"]),
        **{key: plan[key] for key in ("form", "seconds", "frames")},
        **{key: plan.get(key) for key in ("width", "height", "fps", "codec")},
        "segments": len(plan["segments"]),
        "segments_to_render": len(waiting),
        "copied_frames": plan.get("copied_frames", 0),
        "frames_to_render": sum(segment["frames"] for segment in waiting),
        "sound": None if sound is None else "stored" if sound["stored"] else "to render",
        "effects": list(dict.fromkeys(op for p in pieces for op in p["ops"] if op != "copy")),
        "device": plan["device"],
        "fallbacks": plan["fallbacks"],
    }


def _decisions(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.report.decisions import text as report
    from vedc.report.decisions.source import view
    from vedc.report.progress import SECONDS
    from vedc.workspace.build import Deciding

    build = folder.build(given["spec"], given["variables"])
    deciding = Deciding(build, "decide", call.progress(SECONDS))
    return Answer(report.data(view(deciding, given["at"], pictures=False)))


TOOLS: Final = (
    Tool(
        "validate",
        "Check a spec",
        "Check a spec and the files that it names, without rendering. Returns every mistake at "
        "once, each with file, line, column, reason and a hint that says how to correct it. Call "
        "it after each change of a spec; it takes a fraction of a second.",
        {"spec": SPEC, "variables": VARIABLES},
        CHECKED,
        _validate,
        required=("spec",),
    ),
    Tool(
        "plan",
        "Plan a render",
        "Show what a render of a spec would do: the files, their size and length, how many frames "
        "are still to be rendered, which effects are computed. Use it before a long render.",
        {"spec": SPEC, "variables": VARIABLES, "only": OUTPUTS, "from": FROM, "to": TO},
        record({"outputs": listing(_PLANNED, "One for each output.")}),
        _plan,
        required=("spec",),
    ),
    Tool(
        "explain_decision",
        "Explain a decision",
        "Say why vedc decided as it did at a time of the film, where the spec has `auto` or "
        "`random` (cuts, transitions, grades, crops): scores, reasons, alternatives.",
        {
            "spec": SPEC,
            "at": text("Time in the film: 12s, 300f, 00:01:00:12, 25%."),
            "variables": VARIABLES,
        },
        forms.DECISIONS,
        _decisions,
        required=("spec", "at"),
    ),
)
