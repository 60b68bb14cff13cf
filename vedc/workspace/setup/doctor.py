"""What this machine offers vedc: the facts that a bug report should include."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from vedc import __version__
from vedc.edit.tables.codecs import AUDIO_CODECS, VIDEO_CODECS


def doctor_report() -> dict[str, str]:
    """Versions, the CPU, the GPU and missing encoders, by topic."""
    import av

    from vedc.codegen.llvm.host import host
    from vedc.support.control_groups import cores

    cpu = host()
    encoders = {c.encoder for c in VIDEO_CODECS.values()}
    encoders |= {c.encoder for c in AUDIO_CODECS.values()}
    missing = sorted(encoders - av.codecs_available)
    return {
        "vedc": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "machine": f"{platform.system()} {platform.machine()}, {cores()} CPU cores",
        "cpu": f"{cpu.cpu}, vectors of {cpu.lanes} floats",
        "libraries": _versions("av", "llvmlite", "numpy", "Pillow", "PyYAML"),
        "ffmpeg": ", ".join(f"{k} {'.'.join(map(str, v))}" for k, v in av.library_versions.items()),
        "graphics": _graphics(),
        "encoders": "all" if not missing else f"missing: {', '.join(missing)}",
    }


def _graphics() -> str:
    from vedc.execute.devices.device import count, pick_device

    gpus = count()
    libraries = _versions("torch", "triton")
    found = f"{gpus} NVIDIA GPU{'' if gpus == 1 else 's'}"
    return f"{found}, {libraries}; --device auto uses {pick_device('auto')}"


def _versions(*names: str) -> str:
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
