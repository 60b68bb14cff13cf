"""Draws the reference pictures of gl-transitions with the shaders of that project, on a graphics
card or by Mesa's software renderer:

    python -m tests.gl_pictures CHECKOUT

CHECKOUT is a copy of github.com/gl-transitions/gl-transitions. Only what its shaders draw of two
photographs of ours is kept. Needs moderngl and an EGL driver (Debian: libegl1 and libgl1-mesa-dri).

The result is ``tests/parity/oracles/gl_transitions.npz``: the pictures as ``first``, ``second`` and
``third``, and for each shader, by its name, every seventh pixel of every seventh row at progress
1/4, 1/2 and 3/4, as bytes of shape (3, rows, columns, 3). Parameters have the shaders' defaults; a
shader that takes an extra picture gets ``third``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from vedc import ops

RESULT: Final = Path(__file__).parent / "parity/oracles/gl_transitions.npz"
SIZE: Final = (168, 112)
ROWS, COLUMNS = slice(3, None, 7), slice(5, None, 7)
PROGRESS: Final = (0.25, 0.5, 0.75)
_PICTURES: Final = Path(__file__).parents[1] / "vedc/report/ops/pictures"
_HEAD: Final = """#version 330
uniform sampler2D from, to;
uniform float progress, ratio;
in vec2 _uv;
out vec4 _color;
#define texture2D texture
vec4 getFromColor(vec2 uv) { return texture(from, uv); }
vec4 getToColor(vec2 uv) { return texture(to, uv); }
"""
_TAIL: Final = "\nvoid main() { _color = transition(_uv); }\n"
_VERTEX: Final = """#version 330
in vec2 at;
out vec2 _uv;
void main() { _uv = at * 0.5 + 0.5; gl_Position = vec4(at, 0.0, 1.0); }
"""


def pictures() -> dict[str, np.ndarray]:
    """The photographs, and a grey one made of the second: (rows, columns, 3) of 8 bits."""
    made = {}
    for key, name in (("first", "bunny.jpg"), ("second", "sunset.jpg")):
        with Image.open(_PICTURES / name) as found:
            made[key] = np.asarray(found.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS))
    grey = np.asarray(Image.fromarray(made["second"]).convert("L"))
    made["third"] = np.repeat(grey[::-1, :, np.newaxis], 3, axis=-1)
    return made


def initialised(source: str) -> str:
    """The shader with its parameters' defaults, which stand in comments, written out."""
    lines = []
    for line in source.splitlines():
        found = re.match(r"uniform\s+(\w+)\s+(\w+)", line)
        default = re.search(r"=\s*([^;*]+?)\s*(?:;|\*/|//|$)", line)
        if found and found[1] != "sampler2D":
            kind, name = found.groups()
            assert default, line
            value = default[1]
            if re.fullmatch(r"[-.\d]+", value):
                value = f"{kind}({value})"
            line = f"{kind} {name} = {value};"
        lines.append(line)
    return "\n".join(lines)


def drawn(context: Any, source: str, shown: dict[str, np.ndarray]) -> np.ndarray:
    """A shader's picture at each progress: (3, rows, columns, 3) of 8 bits."""
    program = context.program(_VERTEX, _HEAD + initialised(source) + _TAIL)
    width, height = SIZE
    extra = re.findall(r"uniform sampler2D (\w+);", source)
    for unit, (name, key) in enumerate(
        [("from", "first"), ("to", "second"), *((name, "third") for name in extra)]
    ):
        pixels = np.dstack([shown[key][::-1] / 255.0, np.ones((height, width))])
        texture = context.texture(SIZE, 4, pixels.astype("f4").tobytes(), dtype="f4")
        texture.repeat_x = texture.repeat_y = False
        texture.filter = (context.LINEAR, context.LINEAR)
        texture.use(unit)
        if name in program:
            program[name] = unit
    corners = context.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4").tobytes())
    mesh = context.vertex_array(program, [(corners, "2f", "at")])
    target = context.framebuffer([context.texture(SIZE, 4, dtype="f4")])
    target.use()
    frames = []
    for progress in PROGRESS:
        for name, value in (("progress", progress), ("ratio", width / height)):
            if name in program:
                program[name] = value
        mesh.render(context.TRIANGLE_STRIP)
        read = np.frombuffer(target.read(components=4, dtype="f4"), "f4")
        colors = read.reshape(height, width, 4)[::-1, :, :3]
        frames.append(np.round(np.clip(np.nan_to_num(colors), 0, 1) * 255).astype(np.uint8))
    return np.stack(frames)


def main(checkout: Path) -> None:
    import moderngl

    context = moderngl.create_context(standalone=True, backend="egl")
    shown = pictures()
    made: dict[str, np.ndarray] = dict(shown)
    wanted = {name for name in ops.names() if name.startswith("gl:")} | {
        "gl:fade",
        "gl:multiply_blend",
    }
    for name in sorted(wanted):
        source = (checkout / "transitions" / f"{name[3:]}.glsl").read_text()
        made[name[3:]] = drawn(context, source, shown)[:, ROWS, COLUMNS]
    np.savez_compressed(RESULT, **made)
    print(f"{len(wanted)} transitions, {RESULT.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
