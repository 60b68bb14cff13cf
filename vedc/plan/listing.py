"""The listing of a plan: everything that shapes the film's bytes, in a stable text form.

Sections: the film and its encoder, the executable pieces (fetches, reads, steps, layers), the
programs of their kernels, each once, then the segments and the sound. Values are printed
without loss, as in graphs (``vedc.ir.text``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import fields

from vedc.expr.nodes import listing
from vedc.ir.text import print_value
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import (
    CaptionSource,
    ComputedPiece,
    CopiedPiece,
    Count,
    ExecutablePiece,
    Fetch,
    FetchRef,
    FilterStep,
    Kernel,
    KernelParam,
    StillSource,
    TitleSource,
    VideoSource,
)
from vedc.plan.plan import Plan
from vedc.plan.settings import AudioPlan, Bus
from vedc.plan.tables import CurveTable, LookTable, TabulatedFunctions


def list_plan(plan: Plan) -> str:
    video = plan.video
    size = f" {video.width}x{video.height}" if video is not None else ""
    lines = [f"{plan.form}{size} frames={plan.length} fps={plan.fps}"]
    if video is not None:
        lines.append(f"video {_record(video)}")
    if plan.animation is not None:
        lines.append(f"animation {_record(plan.animation)}")
    for index, executable in enumerate(plan.executables):
        lines.append(f"piece {index}{' copied' if isinstance(executable, CopiedPiece) else ''}")
        lines += (f"  {line}" for line in _executable(executable))
    computed = [e for e in plan.executables if isinstance(e, ComputedPiece)]
    kernels = [step for e in computed for step in e.steps if isinstance(step, Kernel)]
    programs = {kernel.program.digest(): kernel.program for kernel in kernels}
    for digest, program in programs.items():
        lines.append(f"program {digest}")
        lines += (f"  {line}" for line in program.text().splitlines())
    for digest, held in plan.tables.items():
        lines += (f"table {digest} {_table(cube)}" for cube in held.tables)
    lines += (f"chapter {marker.frame} {marker.name!r}" for marker in plan.chapters)
    lines += (f"captions {_record(stream)}" for stream in plan.captions)
    for name, film in plan.compositions.items():
        lines.append(f"composition {name}")
        lines += (f"  {line}" for line in list_plan(film).splitlines())
    for segment in plan.segments:
        stored = "" if segment.pieces is not None else " from the store"
        if segment.copied is not None:
            stored = f" copied {_record(segment.copied)}"
        lines.append(f"segment {segment.index} {segment.key} {segment.frames} frames{stored}")
        for piece in segment.pieces or ():
            times = "".join(f" {print_value(time)}" for time in piece.times)
            lines.append(
                f"  frames {piece.start} to {piece.start + piece.length}: "
                f"piece {piece.executable}{' from' if times else ''}{times}"
            )
    if plan.cover is not None:
        lines.append(f"cover {plan.cover}")
    lines += (f"tag {name} {value!r}" for name, value in plan.metadata)
    if plan.sound is not None:
        lines.append(f"sound {plan.sound_key}")
        lines += (f"  {line}" for line in _sound(plan.sound))
    return "\n".join(lines) + "\n"


def _table(cube: Cube) -> str:
    return f"{cube.dims}d {cube.size} samples {hashlib.sha256(cube.data).hexdigest()}"


def _executable(piece: ExecutablePiece) -> Iterator[str]:
    for index, fetch in enumerate(piece.fetches):
        yield f"fetch {index} {_fetch(fetch)}"
    for index, read in enumerate(piece.reads):
        yield f"read {index} {read.digest} step {print_value(read.step)}"
    if isinstance(piece, CopiedPiece):
        return
    for index, step in enumerate(piece.steps):
        size = f"{step.width}x{step.height}"
        if isinstance(step, FilterStep):
            name = f"{step.filter.name} version {step.filter.version}"
            of = f"layer {' '.join(str(layer.step) for layer in step.sources)}"
            if isinstance(step.source, FetchRef):
                of = f"the planes of fetch {step.source.fetch}"
            yield f"step {index} filter {name} {size} of {of}"
            params = [f"{name}={print_value(value)}" for name, value in step.params]
            bounds = [f"bounds={print_value(step.bounds)}"] if step.bounds else []
            yield f"  op {step.op or 'none'} {' '.join(params + bounds)}".rstrip()
        else:
            yield f"step {index} kernel {size} program {step.program.digest()}"
            yield from (f"  {line}" for line in _kernel(step))
        if index < len(piece.layers):
            layer = piece.layers[index]
            where = "its own memory" if layer.buffer is None else f"buffer {layer.buffer}"
            until = "constant" if layer.constant else f"until step {layer.last_use}"
            form = f"{layer.channels}x" if layer.format.layout == "rgb" else f"{layer.format.name} "
            yield f"  layer {form}{layer.width}x{layer.height} in {where}, {until}"
    for index, size_in_bytes in enumerate(piece.buffers):
        yield f"buffer {index} {size_in_bytes} bytes"


def _fetch(fetch: Fetch) -> str:
    source, rect = fetch.source, fetch.rect
    at = f"at {rect.x},{rect.y} {rect.width}x{rect.height}"
    match source:
        case VideoSource():
            return f"video {_record(source)} {at}"
        case StillSource():
            return f"still {_record(source)} {at}"
        case TitleSource():
            return f"title {_record(source)} {at}"
        case CaptionSource():
            return f"captions {_record(source)} {at}"


def _kernel(kernel: Kernel) -> Iterator[str]:
    refs = [
        f"fetch {i.fetch}" if isinstance(i, FetchRef) else f"layer {i.step}" for i in kernel.inputs
    ]
    if refs:
        yield f"reads {', '.join(refs)}"
    for index, value in enumerate(kernel.values):
        yield f"value {index} {_param(value)}"
    if kernel.uniforms:
        lines, names = listing(kernel.uniforms)
        yield from lines
        yield f"params {' '.join(names[e] for e in kernel.uniforms)}"
    for index, table in enumerate(kernel.tables):
        if isinstance(table, TabulatedFunctions):
            lines, names = listing(table.chains)
            spans = " ".join(repr(bound) for span in table.spans for bound in span)
            yield f"table {index} functions {table.size} over {spans}"
            yield from (f"  {line}" for line in lines)
            pairs = zip(table.chains, table.atoms, strict=True)
            of = " ".join(f"{names[chain]} of {names[atom]}" for chain, atom in pairs)
            yield f"  {of} with {print_value(table.values)}"
        elif isinstance(table, CurveTable):
            periodic = " periodic" if table.periodic else ""
            yield f"table {index} curve{periodic} {print_value(table.points)}"
        elif isinstance(table, LookTable):
            yield f"table {index} look {table.digest} {table.number}"
        else:
            yield f"table {index} cube {table}"
    for index, memo in enumerate(kernel.memos):
        yield f"memo {index} of params {list(memo.params)} tables {list(memo.tables)}"


def _param(value: KernelParam) -> str:
    param = value.param
    if isinstance(param, Count):
        return f"count from {param.first} step {print_value(param.step)}"
    channel = "" if value.channel is None else f" channel {value.channel}"
    return f"{print_value(param)}{channel}"


def _sound(sound: AudioPlan) -> Iterator[str]:
    part = "" if sound.part is None else f" part={sound.part[0]}..{sound.part[1]}"
    yield f"{_record(sound.settings)} length={sound.length}{part}"
    for piece in sound.pieces:
        yield f"piece {_record(piece, leave_out=('path',))}"
    for number, bus in enumerate(sound.buses):
        yield f"bus {number} {_record(bus)}"
    if sound.master != Bus():
        yield f"master {_record(sound.master)}"
    if sound.limiter is not None:
        yield f"limiter {sound.limiter}"
    if sound.loudness is not None:
        yield f"loudness {_record(sound.loudness)}"
    for key, composed in sound.parts.items():
        yield f"part {key}"
        yield from (f"  {line}" for line in _sound(composed))


def _record(record: object, leave_out: Sequence[str] = ()) -> str:
    """The fields of a dataclass, on one line."""
    named = ((f.name, getattr(record, f.name)) for f in fields(record))  # type: ignore[arg-type]
    return " ".join(f"{name}={value!r}" for name, value in named if name not in leave_out)
