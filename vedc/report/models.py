"""Files of networks in lines, as ``vedc model`` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from vedc.report.tables import Column, table


def listed_text(found: Sequence[dict[str, Any]]) -> str:
    columns = [
        Column("name"),
        Column("network"),
        Column("parameters", right=True),
        Column("GMAC at 720p", right=True),
        Column("digest"),
    ]
    rows = [_row(each) for each in found]
    return table(columns, rows)


def _row(each: dict[str, Any]) -> list[str]:
    if "problem" in each:
        return [each["name"], "cannot be used", "", "", ""]
    cost = f"{each['gmac_720p']:.2f}" if "gmac_720p" in each else ""
    kind = each["arch"] if each["kind"] == "weights" else "onnx"
    return [each["name"], kind, f"{each['parameters']:,}", cost, each["digest"][:19]]


def info_text(found: dict[str, Any]) -> str:
    """One line for each fact."""
    lines = [f"{found['name']}: {_what(found)}", f"file        {found['file']}"]
    lines.append(f"size        {found['bytes']:,} bytes, {found['parameters']:,} parameters")
    lines.append(f"digest      {found['digest']}")
    if found["kind"] == "weights":
        before, after = found["window"]
        lines.append(
            f"window      frames {-before} to +{after}, sides multiples of {found['multiple']}"
        )
        lines.append(f"takes       {', '.join(found['takes']) or 'pictures alone'}")
        cost = f"{found['gmac_720p']:.3g} GMAC for 1280x720, margins included"
        lines.append(f"cost        {cost}; a pixel sees {found['reach']} px around it")
    else:
        for word in ("inputs", "outputs"):
            lines += (f"{word[:-1]:<12}{name} {_sides(sides)}" for name, sides in found[word])
        lines.append(f"operators   {', '.join(f'{n} {c}' for n, c in found['ops'].items())}")
    lines.append(f"licence     {found['licence'] or 'not stated'}")
    if found.get("card"):
        lines.append(f"card        {found['card']}")
    shown = {k: v for k, v in found["notes"].items() if k not in ("licence", "arch")}
    lines += (f"{key[:30]:<12}{' '.join(str(value).split())[:200]}" for key, value in shown.items())
    return "".join(f"{line}\n" for line in lines)


def _what(found: dict[str, Any]) -> str:
    if found["kind"] == "weights":
        return f"weights of {found['arch']}, version {found['version']}"
    return f"ONNX, opset {found['opset']}, made by {found['producer'] or 'an unknown program'}"


def _sides(sides: Iterable[int | None]) -> str:
    return "x".join("?" if side is None else str(side) for side in sides)


def verified_text(found: Sequence[dict[str, Any]]) -> str:
    lines = []
    for each in found:
        lines.append(f"{each['name']}: {'wrong' if each['problems'] else 'as it should be'}")
        lines += (f"  {check}" for check in each["checks"])
        lines += (f"  wrong: {problem}" for problem in each["problems"])
    return "".join(f"{line}\n" for line in lines)
