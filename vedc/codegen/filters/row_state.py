"""Conventions between filter row code and its callers: a picture's state, and loops."""

from __future__ import annotations

from typing import Final, Literal

Way = Literal["convolve", "halve", "double", "resample"]
Kind = Literal["u8", "u16", "f32"]
"""Samples of the picture."""

#: Bytes of a sample.
BYTES: Final[dict[Kind, int]] = {"u8": 1, "u16": 2, "f32": 4}

#: 64-bit fields of a state, in order. ``down`` and ``along`` are the addresses of weights;
#: ``shift`` is the offset from a row to the first of its ``taps`` source rows, ``start`` to its
#: first sample in the line; ``left`` and ``right`` are how far the line extends beyond the picture.
#: A row is written to ``out`` + (row & ``mask``) * ``out_stride``. For ``resample``, ``firsts`` and
#: ``starts`` are the first source row of each row and the first sample in the line of each sample;
#: ``down`` and ``along`` have ``taps`` and ``run`` weights for each.
FIELDS: Final = (
    "in", "stride", "rows", "columns", "down", "taps", "along", "run", "shift", "start", "left",
    "right", "line", "places", "out", "out_stride", "mask", "width",
    "firsts", "starts",
)  # fmt: skip
ADDRESSES: Final = {"in", "down", "along", "line", "places", "out", "firsts", "starts"}

#: Samples of padding that a line and a row need after their end.
SLACK: Final = 64

ROW, ROWS, STORE = "vedc_row", "vedc_rows", "vedc_store"
#: ``resample`` pads the weights of a run, and the samples of a row's tables, to a multiple of this.
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
