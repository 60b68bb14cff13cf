"""Planning: from resolved edits to plans and graphs, with the project's caches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TypedDict

from vedc.color import Color
from vedc.edit.media_info import kept_digest, shown_name
from vedc.edit.model import Edit
from vedc.edit.tables.codecs import IMAGE_CODECS, stored_color
from vedc.execute.devices.device import Device
from vedc.execute.store import Store
from vedc.ir.lower.film import lower, pieces
from vedc.ir.text import print_graph
from vedc.media.footage.known import FootageCache
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.passes import optimise
from vedc.plan.encoders import animation_frame_settings, image_settings, video_settings
from vedc.plan.fusion.make_plan import make_plan, make_plans
from vedc.plan.logical import LogicalPlan, PassTrace, plan_logically
from vedc.plan.plan import Plan
from vedc.plan.settings import VideoSettings
from vedc.support.installed import version
from vedc.workspace.build import Build, Deciding
from vedc.workspace.moments import frame_shown_at


def plan_edit(
    build: Build,
    edit: Edit,
    trace: Callable[[PassTrace], None] | None = None,
    device: Device | None = None,
) -> LogicalPlan:
    """Plan one edit up to its segments' keys. Reads every source once, to name it by content.

    Segments are stored separately for each kind of ``device``, by default the CPU.
    """
    computed_by = "" if device is None else device.engine
    networks = "cv" if device is None else device.networks

    def engine_of(name: str) -> str:
        return _network_engine(name, networks) if name.startswith("network ") else engine(name)

    return plan_logically(
        edit,
        settings(edit),
        build.digest,
        engine_of,
        trace,
        computed_by,
        footages=FootageCache(build.folder / "probes"),
    )


@cache
def _network_engine(name: str, backend: str) -> str:
    """A network with its weights and runtime, for the keys of segments."""
    from vedc.nn.architectures import ARCHITECTURES
    from vedc.nn.foreign.run import engine as foreign_engine
    from vedc.nn.run import engine as network_engine

    network = name.removeprefix("network ")
    return network_engine(network, backend) if network in ARCHITECTURES else foreign_engine()


def fuse_plan(logical: LogicalPlan) -> Plan:
    """The plan of all segments."""
    return make_plan(logical, read_look)


def fuse_plans(logicals: Sequence[LogicalPlan], store: Store) -> list[Plan]:
    """The plans to execute together: of the segments that ``store`` lacks.

    Pin the plans' keys first, so that stored segments still exist when the plans run.
    """
    keys = {key for logical in logicals for key in logical.keys}
    return make_plans(logicals, read_look, store.missing(keys))


def read_look(path: str) -> Cube | LookFile:
    """The content of a colour file; for a still picture, the table that maps colours to its
    palette; a transform of OpenColorIO by its identity."""
    from vedc.looks.read import read
    from vedc.looks.transforms import transform
    from vedc.stills import palette

    if (found := transform(path)) is not None:
        return found
    return palette.read(path) if palette.is_picture(path) else read(Path(path))


#: Readers of pictures, whose versions are part of the keys of segments that show one.
_STILLS = ("pillow", "pillow-heif", "opencv-python-headless", "resvg-py")


@cache
def engine(fetched: str) -> str:
    """The library that makes stills or titles, for the keys of the segments that show one."""
    if fetched == "still":
        return ", ".join(f"{name} {version(name)}" for name in _STILLS)
    from vedc.text.titles import engine as title_engine

    return title_engine()


def settings(edit: Edit) -> VideoSettings | None:
    """The settings of the picture's encoder for an edit's output; None for sound alone."""
    output, profile = edit.output, edit.profile
    if output.form == "sound":
        return None
    canvas: _Canvas = {
        "width": profile.width,
        "height": profile.height,
        "rate": profile.fps,
        "color": stored_color(output.codec, output.pix_fmt, profile.color),
        "pix_fmt": output.pix_fmt,
    }
    if output.form == "animation":
        return animation_frame_settings(**canvas)
    if output.codec in IMAGE_CODECS:
        quality, lossless = output.quality, output.lossless
        return image_settings(output.codec, quality=quality, lossless=lossless, **canvas)
    return video_settings(
        output.codec,
        crf=output.crf,
        bitrate=output.bitrate,
        preset=output.preset,
        key_frames=_key_frames(edit),
        hdr=output.hdr,
        passes=output.passes,
        **canvas,
    )


class _Canvas(TypedDict):
    """Common settings of all picture encoders."""

    width: int
    height: int
    rate: Fraction
    color: Color
    pix_fmt: str


def _key_frames(edit: Edit) -> int | None:
    """Frames between the key frames of a stream: two in each segment, so that one is near wherever
    the film is cut."""
    if edit.output.segment is None:
        return None
    return max(1, round(edit.output.segment / 2 * edit.profile.fps))


def graph_at(build: Build, at: str, form: str, raw: bool) -> str:
    """The graph of the first output's piece at a time, written as ``form``."""
    from vedc.ir.diagram import dot, mermaid

    edit = build.edits(Deciding(build, "decide"))[0]
    frame = frame_shown_at(edit, "--at", at)
    edit = plan_edit(build, edit).drawn
    span = next(s for s in pieces(edit) if s.start <= frame < s.end)
    names: dict[str, str] = {}

    def digest(path: str) -> str:
        name = kept_digest(path) or build.digest(path)
        names[name] = shown_name(path)
        return name

    graph = lower(edit, span, digest)
    if not raw:
        graph = optimise(graph)
    writers = {"text": lambda g, _: print_graph(g), "dot": dot, "mermaid": mermaid}
    return writers[form](graph, names)
