"""Networks in a described plan: what each costs, and how fast this machine runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedc.execute.devices.device import Device


def add_costs(described: dict[str, Any], device: Device, cache: Path) -> None:
    """Add ``gmac``, ``backend`` and ``frames_per_second`` to the networks of a described plan; to
    users' models ``tiles`` and ``memory`` in bytes (0 if unknown) in place of ``gmac``.

    Speeds of the CPU are measured once and kept in ``cache``; a plan without networks loads
    nothing. ``frames_per_second`` is that of the network alone.
    """
    steps = [
        step
        for segment in described["segments"]
        for piece in segment["pieces"]
        for step in piece["steps"]
        if "network" in step
    ]
    if not steps or device.kind != "cpu":
        return
    from vedc.nn.architectures import ARCHITECTURES
    from vedc.nn.backends import engine
    from vedc.nn.run import cost
    from vedc.nn.speed import speed
    from vedc.support.control_groups import cores

    for step in steps:
        if step["network"] not in ARCHITECTURES:
            _add_foreign_costs(step)
            continue
        width, height = map(int, step["size"].split("x"))
        gmac = cost(step["network"], height, width, step["weights"])
        rate = speed(step["network"], device.networks, cores(), cache, step["weights"])
        step["gmac"] = round(gmac, 3)
        step["backend"] = engine(device.networks)
        step["frames_per_second"] = round(rate / gmac, 2)


def _add_foreign_costs(step: dict[str, Any]) -> None:
    """Measured on a grey picture: the file does not state its cost."""
    from vedc.nn.foreign.run import measured

    if not step["weights"]:
        return
    width, height = map(int, step["size"].split("x"))
    frames = 1 + step["window"][1] - step["window"][0]
    given = {**step["arguments"], "weights": step["weights"]}
    step |= measured(given, frames, height, width)
