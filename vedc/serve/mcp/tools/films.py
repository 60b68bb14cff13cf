"""Tools that make films."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from vedc.errors import Problem
from vedc.report.forms import specs as forms
from vedc.report.forms.problems import PROBLEM
from vedc.report.forms.shape import listing, number, record, without
from vedc.report.problems import records
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.tool import FROM, OUTPUTS, SPEC, TO, VARIABLES, Answer, Tool
from vedc.workspace.moments import Part


def _render(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES, SECONDS
    from vedc.report.specs import rendered
    from vedc.workspace.build import Deciding
    from vedc.workspace.deliver import deliver

    device = pick_device("auto")
    build = folder.build(
        given["spec"],
        given["variables"],
        part=Part(given.get("from"), given.get("to")),
        scale=Fraction(str(given["scale"])),
        only=(*given["only"],),
    )
    warnings: dict[Problem, None] = {}

    def warn(problems: Sequence[Problem]) -> None:
        warnings.update(dict.fromkeys(map(folder.problem, problems)))

    deciding = Deciding(build, "decide", call.progress(SECONDS))
    summaries = deliver(
        build, progress=call.progress(FRAMES), device=device, deciding=deciding, warn=warn
    )
    outputs = []
    for summary in summaries:
        data = rendered.data(summary)
        data["target"] = folder.shown(summary.target)
        data["pages"] = [folder.shown(page) for page in summary.pages or ()] or None
        del data["warnings"]  # each is reported once, below
        outputs.append(data)
    return Answer({"outputs": outputs, "warnings": records(warnings)})


TOOLS: Final = (
    Tool(
        "render",
        "Render a film",
        "Render the outputs of a spec, with progress. Only what a change affects is rendered "
        "again, and a cancelled render resumes. Validate and look first: rendering is the slow "
        "step. For a quick draft give a `scale` below 1, or a part by `from` and `to`; this writes "
        "the same files.",
        {
            "spec": SPEC,
            "variables": VARIABLES,
            "only": OUTPUTS,
            "from": FROM,
            "to": TO,
            "scale": {
                **number("Size of the film relative to the spec's: 0.5 is a draft."),
                "minimum": 0.01,
                "maximum": 8,
                "default": 1,
            },
        },
        record(
            {
                "outputs": listing(
                    without(forms.RENDERED, "warnings"), "One for each file that was made."
                ),
                "warnings": listing(PROBLEM, "What was found out about the film, in order."),
            }
        ),
        _render,
        required=("spec",),
        writes=True,
    ),
)
