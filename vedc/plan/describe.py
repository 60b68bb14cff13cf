"""The plan as ``vedc plan`` shows it: segments, kernels, and where fusion stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from vedc import ops
from vedc.edit.media_info import shown_name, split_locator
from vedc.edit.model import Edit
from vedc.edit.timecode import clock_time
from vedc.ir.text import print_graph
from vedc.ops.core.filters import Network
from vedc.ops.looks.look_file import LookFile, in_words
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import (
    CaptionSource,
    ComputedPiece,
    Fetch,
    FilterStep,
    Kernel,
    StillSource,
    TitleSource,
)
from vedc.plan.footage import CopiedFootage
from vedc.plan.keys import digest
from vedc.plan.logical import PassTrace
from vedc.plan.plan import Piece, Plan


@dataclass(frozen=True, slots=True)
class Stop:
    """An input of a kernel, and why it is not fused."""

    what: str
    reason: str


def _name(plan: Plan, digest: str) -> str:
    """The readable name of a file or a composition."""
    path = plan.files.get(digest)
    return shown_name(plan.media[digest, 0].path if path is None else split_locator(path)[0])


def stop(plan: Plan, fetch: Fetch) -> Stop:
    """Why the kernel reads this input instead of computing it."""
    source = fetch.source
    if isinstance(source, CaptionSource):
        count = len(source.captions)
        what = "1 caption" if count == 1 else f"{count} captions"
        return Stop(what, "glyphs are drawn once, not per pixel")
    if isinstance(source, TitleSource):
        text = " ".join(source.text.text.split())
        return Stop(f"title {text!r}", "glyphs are drawn once, not per pixel")
    name = _name(plan, source.digest)
    size = f"{source.width}x{source.height}"
    if isinstance(source, StillSource):
        done = "read, scaled and blurred" if source.blur is not None else "read and scaled"
        return Stop(f"{name} {size}", f"a still is {done} once, not per pixel")
    video = plan.media[source.digest, source.stream].video
    assert video is not None
    reasons = []
    shown = (video.width, video.height)
    if source.crop is not None:
        shown = (source.crop[2], source.crop[3])
        reasons.append(f"it is cropped to {shown[0]}x{shown[1]}")
    if shown != (source.width, source.height):
        reasons.append(f"scaling from {shown[0]}x{shown[1]} reads neighbouring pixels")
    if video.scan != "progressive" and source.fields != "weave":
        reasons.append("deinterlacing reads the frames around it")
    if video.mirrored:
        reasons.append("mirroring moves pixels")
    if video.rotation:
        reasons.append(f"turning by {video.rotation} degrees moves pixels")
    if video.pix_fmt != source.format:
        reasons.append(f"{video.pix_fmt} is repacked as {source.format}")
    if source.blur is not None:
        reasons.append("blurring reads neighbouring pixels")
    reasons.append("samples come from a decoder")
    return Stop(f"{name} {size} {source.format}", "; ".join(reasons))


def describe_step(
    step: Kernel | FilterStep, files: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One step of a piece, and why it is a separate step. ``files``: digest -> path."""
    size = f"{step.width}x{step.height}"
    if isinstance(step, FilterStep):
        if isinstance(step.filter, Network):
            before, after = step.filter.window
            given = _arguments(step, files or {})
            return {
                "network": step.filter.name,
                "op": step.op,
                "size": size,
                "window": [-before, after],
                "weights": str(given.get("weights", "")),
                "arguments": {k: v for k, v in given.items() if k != "weights"},
                "reason": "a network reads whole neighbourhoods of several frames",
            }
        reason = f"{step.op or step.filter.name} reads whole neighbourhoods"
        if step.planes:
            reason += f", in plane space: {step.planes} as it is decoded, plane by plane"
        if step.filter.windowed:
            reason += f" of {len(set(step.sources))} frames"
        return {"filter": step.filter.name, "op": step.op, "size": size,
                "planes": step.planes, "reason": reason}  # fmt: skip
    reason = ""
    if step.program.out.floating and step.program.out.layout == "rgb":
        reason = "later steps read this layer at other positions"
        reason += ", plane by plane: it is Y'CbCr" if step.in_planes else ""
    return {
        "kernel": step.program.digest(),
        "ops": step.program.title.split(),
        "size": size,
        "planes": step.program.out.name if step.program.plane_by_plane() else "",
        "remembered_colours": len(step.memos),
        "operations": {o.stage: o.operations for o in step.optimised},
        "uniforms": step.program.params,
        "tables": len(step.tables),
        "reason": reason,
    }


def _arguments(step: FilterStep, files: Mapping[str, str]) -> Mapping[str, Any]:
    """A network's arguments at the first frame; ``weights`` is empty for vedc's own."""
    declared, params = ops.get(step.op), dict(step.at(0))
    for name in (p.name for p in declared.params if p.kind == "weights" and params[p.name]):
        params[name] = files.get(params[name], "")
    return params if declared.arguments is None else declared.arguments(params)


def fallbacks(edit: Edit) -> list[str]:
    """The replacements drawn for ops whose weights are missing, a line each."""
    return [w.headline() for w in edit.warnings if w.code == "fallback-used"]


def describe(plan: Plan, stored: Callable[[str], bool]) -> dict[str, Any]:
    """The plan as a JSON object. ``stored`` returns whether the segment store has a key."""

    def piece(p: Piece) -> dict[str, Any]:
        executable = plan.executables[p.executable]
        computed = executable.steps if isinstance(executable, ComputedPiece) else ()
        steps = [describe_step(step, plan.files) for step in computed]
        ops = dict.fromkeys(op for step in steps for op in step.get("ops", ()))
        stops = [stop(plan, fetch) for fetch in executable.fetches]
        return {
            "start": p.start,
            "frames": p.length,
            "steps": steps,
            "ops": list(ops) if steps else ["copy"],
            "inputs": [{"input": s.what, "reason": s.reason} for s in stops],
        }

    def copied(source: CopiedFootage) -> dict[str, Any]:
        name = _name(plan, source.digest)
        return {"source": name, "digest": source.digest, "frame": source.first}

    def composition(name: str, film: Plan) -> dict[str, Any]:
        inner = describe(film, stored)
        size = {key: inner[key] for key in ("width", "height", "fps", "frames", "pix_fmt")}
        parts = {key: inner[key] for key in ("compositions", "segments")}
        return {"name": _name(plan, name), "digest": name, **size, **parts}

    sound = plan.sound
    captions = [
        {"codec": stream.codec, "language": stream.language, "cues": len(stream.cues)}
        for stream in plan.captions
    ]
    chapters = [
        {"start": marker.frame, "seconds": float(marker.frame / plan.fps), "name": marker.name}
        for marker in plan.chapters
    ]
    return {
        "target": plan.target,
        "digest": plan.digest(),
        "form": plan.form,
        "seconds": float(plan.length / plan.fps),
        **_described_video(plan),
        "chapters": chapters,
        "captions": captions,
        "compositions": [composition(*named) for named in plan.compositions.items()],
        "looks": [
            {"path": plan.files[name], "digest": name, "holds": _held(look)}
            for name, look in plan.tables.items()
        ],
        "segments": [
            {
                "index": s.index,
                "start": s.start,
                "frames": s.frames,
                "key": s.key,
                "stored": s.copied is None and stored(s.key),
                "copied": None if s.copied is None else copied(s.copied),
                "pieces": [piece(p) for p in s.pieces or ()],
            }
            for s in plan.segments
        ],
        "sound": None
        if sound is None or plan.sound_key is None
        else {
            "key": plan.sound_key,
            "stored": stored(plan.sound_key),
            "codec": sound.settings.codec,
            "rate": sound.settings.rate,
            "channels": sound.settings.channels,
            "samples": sound.length,
            "pieces": len(sound.pieces),
        },
    }


def _held(look: Cube | LookFile) -> list[str]:
    """A colour file in words, a line for each step; several corrections are listed by id only."""
    if isinstance(look, Cube):
        return [in_words(look)]
    if len(look.chains) > 1:
        return [f"{len(look.chains)} corrections: {', '.join(id for id, _ in look.chains)}"]
    ((_, chain),) = look.chains
    return [*chain.words, *(f"note: {note}" for note in chain.notes)]


def describe_sheet(
    target: str, plans: Sequence[Plan], stored: Callable[[str], bool]
) -> dict[str, Any]:
    """As ``describe``, for a contact sheet at ``target``; ``plans`` draw its pictures."""
    each = [describe(plan, stored) for plan in plans]
    films = {film["digest"]: film for one in each for film in one["compositions"]}
    segments = [segment for one in each for segment in one["segments"]]
    return {
        **each[0],
        "target": target,
        "digest": digest([one["digest"] for one in each]),
        "form": "sheet",
        "seconds": sum(one["seconds"] for one in each),
        "frames": len(each),
        "compositions": list(films.values()),
        "looks": list({look["digest"]: look for one in each for look in one["looks"]}.values()),
        "segments": [{**segment, "index": n} for n, segment in enumerate(segments)],
    }


def _described_video(plan: Plan) -> dict[str, Any]:
    """The video part; empty for sound alone."""
    video = plan.video
    if video is None:
        return {"frames": 0}
    return {
        "width": video.width,
        "height": video.height,
        "fps": str(plan.fps),
        "frames": plan.frames,
        "codec": video.codec,
        "encoder": video.encoder,
        "pix_fmt": video.pix_fmt,
        "options": dict(video.options),
        "passes": video.passes,
        "copied_frames": plan.copied_frames,
        "uncopied": [{"source": each.name, "reason": each.reason} for each in plan.uncopied],
    }


def _composition_lines(film: dict[str, Any]) -> Iterator[str]:
    """A composition's film, after those inside it."""
    for inner in film["compositions"]:
        yield from _composition_lines(inner)
    waiting = [s for s in film["segments"] if s["pieces"] and not s["stored"]]
    state = f"to render: {_count(sum(s['frames'] for s in waiting), 'frame')}"
    yield (
        f"composition {film['name']}  {film['width']}x{film['height']} at {film['fps']} fps  "
        f"{_count(film['frames'], 'frame')} in {_count(len(film['segments']), 'segment')}  "
        f"{film['digest'][:12]}  {state if waiting else 'stored'}"
    )


def _step_line(described: dict[str, Any]) -> str:
    reason = f" ({described['reason']})" if described["reason"] else ""
    if "network" in described:
        held = described["weights"]
        named = f" with {PurePath(held).name}" if held else ""
        what = f"network {described['network']}{named} {described['size']}"
        return f"{what}{_run_by(described)}{reason}"
    if "filter" in described:
        return f"filter {described['filter']} {described['size']}{reason}"
    work = " ".join(described["ops"]) or "convert"
    planes = ", plane by plane" if described["planes"] else ""
    return f"kernel {described['kernel'][:12]}: {work}{planes}{reason}"


def _run_by(described: dict[str, Any]) -> str:
    """A network's cost, where known."""
    before, after = described["window"]
    window = f", frames {before} to +{after}"
    if "frames_per_second" not in described:
        return window
    speed = described["frames_per_second"]
    about = f"{speed:.0f}" if speed >= 10 else f"{speed:.2g}"
    if "tiles" in described:
        tiles = described["tiles"]
        cut = f"in {tiles} tiles" if tiles > 1 else "whole"
        memory = f", {described['memory'] / 2**20:.0f} MiB" if described["memory"] else ""
        return f"{window}, {cut}{memory}, about {about} frames/s with {described['backend']}"
    cost = f"{described['gmac']:.3g} GMAC a frame, about {about} frames/s"
    return f"{window}, {cost} with {described['backend']}"


def _cost_line(described: dict[str, Any]) -> str:
    """How far the expression compiler reduced a kernel's cost."""
    stages = [f"{name} {count}" for name, count in described["operations"].items()]
    extra = f"{_count(described['uniforms'], 'uniform')}, {_count(described['tables'], 'table')}"
    return f"operations per pixel: {', '.join(stages)}; {extra}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def as_text(described: dict[str, Any]) -> str:
    """The described plan in lines, between its ``trace`` and its ``listing`` if it has them."""
    traced = [line for piece in described.get("trace", ()) for line in _trace_lines(piece)]
    lines = [
        *traced,
        _head_line(described),
        f"  plan {described['digest'][:12]}",
        *_encoder_line(described),
        *([f"  computed on {described['device']}"] if "device" in described else []),
        *_color_lines(described.get("color", {})),
    ]
    lines += [f"  {line}" for line in described.get("fallbacks", ())]
    lines += [
        f"chapter  {clock_time(chapter['seconds'], short=True)}  {chapter['name']}"
        for chapter in described["chapters"]
    ]
    lines += [
        f"captions  {each['codec']}{' ' + each['language'] if each['language'] else ''}, "
        f"{_count(each['cues'], 'cue')}"
        for each in described["captions"]
    ]
    lines += [line for film in described["compositions"] for line in _composition_lines(film)]
    for look in described["looks"]:
        lines.append(f"look {PurePath(look['path']).name}")
        lines += [f"  {held}" for held in look["holds"]]
    for segment in described["segments"]:
        state = "stored" if segment["stored"] else "to render"
        if segment["copied"] is not None:
            state = f"copied from {segment['copied']['source']}"
        first, last = segment["start"], segment["start"] + segment["frames"]
        fps = Fraction(described["fps"])
        begin, end = (clock_time(frame / fps, short=True) for frame in (first, last))
        lines.append(
            f"segment {segment['index']}  {begin} - {end}  "
            f"{_count(segment['frames'], 'frame')}  {segment['key'][:12]}  {state}"
        )
        for piece in segment["pieces"]:
            frames = _count(piece["frames"], "frame")
            if not piece["steps"]:
                lines.append(f"  {frames} as decoded")
            elif len(piece["steps"]) == 1:
                only = piece["steps"][0]
                lines.append(f"  {frames} in one {_step_line(only)}")
            else:
                lines.append(f"  {frames} in {len(piece['steps'])} steps")
                lines += [f"    {_step_line(s)}" for s in piece["steps"]]
            if traced:
                lines += [f"    {_cost_line(s)}" for s in piece["steps"] if "kernel" in s]
            lines += [f"    reads {i['input']}: {i['reason']}" for i in piece["inputs"]]
    sound = described["sound"]
    if sound:
        state = "stored" if sound["stored"] else "to render"
        lines.append(
            f"sound  {sound['codec']} {sound['rate']} Hz, {_count(sound['channels'], 'channel')}, "
            f"{_count(sound['pieces'], 'piece')}  {sound['key'][:12]}  {state}"
        )
    lines += _sum_lines(described)
    listing: str = described.get("listing", "")
    return "\n".join(lines) + f"\n{listing}"


def _sum_lines(described: dict[str, Any]) -> Iterator[str]:
    """How much is copied, and how much remains to render."""
    segments = described["segments"]
    if not segments:
        return
    if described["copied_frames"]:
        fps = Fraction(described["fps"])
        copied, whole = (described[name] / fps for name in ("copied_frames", "frames"))
        share = 100 * described["copied_frames"] / described["frames"]
        of = f"{clock_time(copied, short=True)} of {clock_time(whole, short=True)}"
        yield f"copied: {of} ({share:.1f}%), without encoding"
    for each in described["uncopied"]:
        yield f"encoded although it is untouched: {each['source']}: {each['reason']}"
    waiting = [s for s in segments if not s["stored"] and s["copied"] is None]
    yield (
        f"to render: {len(waiting)} of {len(segments)} segments, "
        f"{sum(s['frames'] for s in waiting)} of {described['frames']} frames"
    )


def _color_lines(colors: dict[str, Any]) -> Iterator[str]:
    """How colours are managed, if the plan says."""
    if "config" in colors:
        seen = f"{colors['view']} on {colors['display']}"
        look = f"{colors['look']}, then " if colors["look"] else ""
        yield f"  scene light {colors['working']} of {colors['config']}, seen through {look}{seen}"
    yield from (f"  {name}: {title}" for name, title in colors.get("sources", {}).items())
    yield from (f"  {note}" for note in colors.get("approximated", ()))


def _head_line(described: dict[str, Any]) -> str:
    if described["form"] == "sound":
        return f"{described['target']}: {described['seconds']:.2f} s of sound"
    return (
        f"{described['target']}: {described['frames']} frames "
        f"{described['width']}x{described['height']} at {described['fps']} fps"
    )


def _encoder_line(described: dict[str, Any]) -> list[str]:
    if described["form"] == "sound":
        return []
    options = " ".join(f"{k}={v}" for k, v in described["options"].items())
    passes = " in two passes" if described["passes"] == 2 else ""
    return [f"  {described['encoder']} {described['pix_fmt']} {options}{passes}"]


def trace_of(passes: Iterable[PassTrace]) -> list[dict[str, Any]]:
    """The passes by piece, as JSON: the lowered graph, then each pass and the graph after it.

    The graph is ``None`` if the pass changed nothing.
    """
    pieces: dict[int, dict[str, Any]] = {}
    for start, name, before, after in passes:
        if start not in pieces:
            pieces[start] = {"start": start, "lowered": print_graph(before), "passes": []}
        graph = None if before is after else print_graph(after)
        pieces[start]["passes"].append({"pass": name, "graph": graph})
    return list(pieces.values())


def _trace_lines(piece: dict[str, Any]) -> Iterator[str]:
    yield f"piece at frame {piece['start']}: lowered\n{piece['lowered']}"
    for step in piece["passes"]:
        graph = step["graph"]
        yield f"{step['pass']}: (unchanged)" if graph is None else f"{step['pass']}:\n{graph}"
