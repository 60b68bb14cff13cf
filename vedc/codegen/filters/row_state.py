"""What the code of filters' rows and its callers agree on: the state of a picture, and loops."""

from __future__ import annotations

from typing import Final, Literal

Way = Literal["convolve", "halve", "double", "resample"]
Kind = Literal["u8", "u16", "f32"]
"""Samples of the picture."""

#: Bytes of a sample.
BYTES: Final[dict[Kind, int]] = {"u8": 1, "u16": 2, "f32": 4}

#: 64-bit fields of a state, in order. ``down`` and ``along`` are the addresses of weights;
#: ``shift`` leads from a row to the first of its ``taps`` rows below, ``start`` to its first
#: sample in the line; ``left`` and ``right`` are how far the line reaches beyond the picture. A
#: row goes to ``out`` + (row & ``mask``) * ``out_stride``. Of ``resample``, ``firsts`` and
#: ``starts`` are the first row and the first sample in the line of each row and sample; ``down``
#: and ``along`` have ``taps`` and ``run`` weights for each.
FIELDS: Final = (
    "in", "stride", "rows", "columns", "down", "taps", "along", "run", "shift", "start", "left",
    "right", "line", "places", "out", "out_stride", "mask", "width",
    "firsts", "starts",
)  # fmt: skip
ADDRESSES: Final = {"in", "down", "along", "line", "places", "out", "firsts", "starts"}

#: Samples beyond its end that a line and a row must have room for.
SLACK: Final = 64

ROW, ROWS, STORE = "vedc_row", "vedc_rows", "vedc_store"
#: Runs of ``resample`` have a multiple of this many weights, and rows tables for as many samples.
UNIT: Final = 4


def loop(lanes: int, produced: int, body: list[str]) -> str:
    """``body`` for every vector of the row's ``width``; it may write beyond its end."""
    return "\n".join(
        [
            "  br label %next",
            "next:",
            "  %x = phi i64 [ 0, %sideways ], [ %x.next, %body ]",
            "  %x.more = icmp slt i64 %x, %width",
            "  br i1 %x.more, label %body, label %done",
            "body:",
            *body,
            f"  %x.next = add i64 %x, {produced * lanes}",
            "  br label %next",
        ]
    )


def constant(value: float, lanes: int) -> str:
    return "<" + ", ".join([f"float {value}"] * lanes) + ">"
