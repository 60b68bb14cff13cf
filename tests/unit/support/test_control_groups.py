"""A container's share of a machine, as its system writes it, on files made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedc.support import control_groups
from vedc.support.control_groups import cores, memory_left, quota


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 64 cores, in whose folder a test puts its groups."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "cgroup").mkdir()
    monkeypatch.setattr(control_groups, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(control_groups, "_ROOT", tmp_path / "cgroup")
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(64)), raising=False)
    return tmp_path


def put(machine: Path, own: str, files: dict[str, str]) -> None:
    """Write what this process's groups are, and files of groups."""
    (machine / "proc" / "self" / "cgroup").write_text(own)
    for name, text in files.items():
        path = machine / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("max 100000", 64),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("10000 100000", 1),
        ("6400000 50000", 64),
        ("nonsense", 64),
        ("", 64),
    ],
)
def test_a_quota_of_the_second_version(machine: Path, given: str, found: int) -> None:
    put(machine, "0::/\n", {"cgroup.controllers": "cpu memory", "cpu.max": given})
    assert cores() == found


def test_of_nested_groups_the_tightest_counts(machine: Path) -> None:
    groups = {"outer/cpu.max": "250000 100000", "outer/inner/cpu.max": "800000 100000"}
    put(machine, "0::/outer/inner\n", {"cgroup.controllers": "cpu"} | groups)
    assert cores() == 2 and quota() == 2.5


@pytest.mark.parametrize("folder", ["cpu", "cpu,cpuacct"])
@pytest.mark.parametrize(("part", "found"), [("-1", 64), ("200000", 2), ("350000", 4)])
def test_a_quota_of_the_first_version(machine: Path, folder: str, part: str, found: int) -> None:
    # In a container the path is the host's, and the group is the root of the mount.
    own = "12:memory:/x\n4:cpu,cpuacct:/docker/0123abcd\n0::/system.slice\n"
    names = {f"{folder}/cpu.cfs_quota_us": part, f"{folder}/cpu.cfs_period_us": "100000"}
    put(machine, own, names)
    assert cores() == found


def test_memory_of_the_second_version(machine: Path) -> None:
    put(machine, "0::/job\n", {"cgroup.controllers": "memory", "job/memory.max": "max"})
    assert memory_left() is None
    numbers = {"job/memory.max": "2000000000", "job/memory.current": "1500000000"}
    put(machine, "0::/job\n", numbers | {"job/memory.stat": "anon 1\ninactive_file 300000000"})
    assert memory_left() == 800_000_000


def test_memory_of_the_first_version(machine: Path) -> None:
    inner = {"memory.limit_in_bytes": "1000", "memory.usage_in_bytes": "900",
             "memory.stat": "total_inactive_file 50"}  # fmt: skip
    outer = {"memory.limit_in_bytes": str(2**63 - 4096), "memory.usage_in_bytes": "5",
             "memory.stat": "cache 1"}  # fmt: skip
    put(machine, "3:memory:/job\n", {f"memory/{name}": text for name, text in outer.items()})
    assert memory_left() is None
    put(machine, "3:memory:/job\n", {f"memory/job/{name}": text for name, text in inner.items()})
    assert memory_left() == 150


def test_a_machine_without_groups_is_taken_whole(machine: Path) -> None:
    assert cores() == 64 and memory_left() is None
    put(machine, "0::/\n", {})  # as where nothing is mounted
    assert cores() == 64 and memory_left() is None
