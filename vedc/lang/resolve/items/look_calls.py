"""Calls of ops with a colour file: the correction and its spaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vedc.edit.values import ParamValue
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops import Op
from vedc.ops.looks.look_info import Correction, LookInfo
from vedc.ops.looks.spaces import AUTO, SPACES, named
from vedc.support.suggest import did_you_mean

#: The most ids listed in a message.
_LISTED: Final = 12

Values = dict[str, ParamValue]


def settle(
    op: Op,
    values: Values,
    look: LookInfo,
    call: SpecNode,
    file: SpecNode,
    problems: Problems,
    warnings: Problems,
) -> None:
    """Fill in what the colour file of a call says; ``file`` is the node that names it."""
    kinds = {param.kind for param in op.params}
    if "correction" in kinds:
        found = _picked(look, call, file, problems)
        if found is not None and _alone(op, call, file, problems):
            for key in ("slope", "offset", "power"):
                values[key] = getattr(found, key)
            values["saturation"] = found.saturation
            values["src"] = values["id"] = ""
            _expected(look, call, file, warnings)
    elif "id" in values:
        if (look.corrections or values["id"]) and _picked(look, call, file, problems) is None:
            return
        _spaces(values, look, call, file, warnings)
    for note in look.notes:
        warnings.note("look-approximated", f"{file.text!r}: {note}", file)


def _picked(
    look: LookInfo, call: SpecNode, file: SpecNode, problems: Problems
) -> Correction | None:
    """The correction that a call means, else None (reported)."""
    named_id = call.get("id")
    wanted = named_id.text if named_id is not None else ""
    known = {correction.id: correction for correction in look.corrections}
    if not known:
        message = f"{file.text!r} holds no colour correction of the ASC"
        hint = "leave `id` out" if wanted else f"write {{op: lut, src: {file.text}}}"
        problems.add("no-correction", message, named_id if wanted else file, hint)
        return None
    if wanted in known:
        return known[wanted]
    if not wanted and len(known) == 1:
        return next(iter(known.values()))
    if not wanted:
        message = f"{file.text!r} holds {len(known)} corrections"
        problems.add("no-correction", message, file, f"add id: one of {_list(known)}")
        return None
    near = did_you_mean(wanted, known)
    tail = f"; did you mean {near!r}?" if near else ""
    message = f"{file.text!r} holds no correction {wanted!r}{tail}"
    problems.add("no-correction", message, named_id, f"it holds {_list(known)}")
    return None


def _list(ids: Sequence[str] | dict[str, Correction]) -> str:
    names = list(ids)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _alone(op: Op, call: SpecNode, file: SpecNode, problems: Problems) -> bool:
    """Whether a call that takes its numbers from a file gives none of its own."""
    for key in ("slope", "offset", "power", "saturation"):
        given, default = call.get(key), op.param(key).default
        if given is None:
            continue
        plain = given.plain()
        values = plain if isinstance(plain, list) else [plain]
        usual = default if isinstance(default, tuple) else (default,)
        if not set(values) <= set(usual):
            message = f"{file.text!r} gives the {key}, and the call gives it, too"
            problems.add("two-corrections", message, given, "write a cdl step for each")
            return False
    return True


def _expected(look: LookInfo, call: SpecNode, file: SpecNode, warnings: Problems) -> None:
    """Warn of a correction that was made in another space than display values."""
    space = named(look.takes)
    if space in (None, "display"):
        return
    picked = f", id: {call['id'].text}" if "id" in call and call["id"].text else ""
    message = (
        f"{file.text!r} says that its corrections are for {SPACES[space].words}; cdl corrects "
        "display values"
    )
    hint = f"write {{op: lut, src: {file.text}{picked}}}, which converts to that and back"
    warnings.warn("look-space", message, file, hint)


def _spaces(
    values: Values, look: LookInfo, call: SpecNode, file: SpecNode, warnings: Problems
) -> None:
    """Replace ``auto`` by spaces, and report the choice in one line."""
    parts = []
    for key, says, otherwise in (
        ("input", look.takes, "display"),
        ("output", look.gives, str(values["input"])),
    ):
        if values[key] != AUTO:
            continue
        found = named(says) if says else None
        if key == "output" and not says:
            found = str(values["input"])
            parts.append(f"it is taken to give the same: {SPACES[found].words}")
        elif found is not None:
            verb = "takes" if key == "input" else "gives"
            parts.append(f"it {verb} {SPACES[found].words} (the file says {says!r})")
        elif says:
            found = otherwise if otherwise != AUTO else "display"
            message = (
                f"{file.text!r} says that its {key} is {says!r}, which vedc does not know: taken "
                f"for {SPACES[found].words}"
            )
            warnings.warn("look-space", message, file, f"write {key}: with one of its spaces")
        values[key] = found or "display"
    if (values["input"], values["output"]) != ("display", "display") and parts:
        warnings.note("look-space", f"{file.text!r}: {'; '.join(parts)}", file)
