"""Segment keys: whatever changes the frames changes the key."""

from __future__ import annotations

import pickle
from fractions import Fraction
from importlib import import_module

import pytest

from tests.unit.plan.test_plan_fuse import decode, encode
from vedc import ops
from vedc.color import Color
from vedc.ir.graph import node
from vedc.ops.core.filters import PYRAMID, builtin
from vedc.plan.keys import segment_key
from vedc.plan.settings import VideoSettings

SETTINGS = VideoSettings("ffv1", "ffv1", 64, 36, Fraction(30), "yuv420p", Color(), (), 1)


def key(op: str) -> str:
    linear = ops.get(op).space == "linear"
    picture = node("to_linear", (decode(),)) if linear else decode()
    changed = node(op, (picture,), ops.get(op).defaults())
    if linear:
        changed = node("to_display", (changed,), {"transfer": "bt709"})
    return segment_key([(3, encode(changed))], SETTINGS, lambda name: "1")


@pytest.mark.parametrize(
    ("op", "kernel"), [("sharpen", "gaussian"), ("lens_blur", "lens"), ("mirror", "pyramid")]
)
def test_a_newer_version_of_a_filter_is_another_key(
    monkeypatch: pytest.MonkeyPatch, op: str, kernel: str
) -> None:
    before, other = key(op), key("contrast")
    module = import_module(f"vedc.kernels.{kernel}")
    monkeypatch.setattr(module, "VERSION", module.VERSION + 1)
    assert key(op) != before
    assert key("contrast") == other


def test_filters_pickle_by_name() -> None:
    blur = ops.get("gaussian_blur").filter
    assert blur is builtin("gaussian") is ops.get("sharpen").filter
    assert pickle.loads(pickle.dumps((blur, PYRAMID))) == (blur, PYRAMID)
    assert repr(blur) == "<filter gaussian version 3>"
