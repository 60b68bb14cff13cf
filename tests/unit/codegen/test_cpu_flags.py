"""The system's description of its CPUs."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedc.codegen import cpu_flags
from vedc.codegen.llvm.host import host


def test_flags_are_those_of_the_first_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpuinfo").write_text(
        "processor\t: 0\nmodel name\t: flags of any kind\nflags\t\t: fpu avx2 avx512f\n\n"
        "processor\t: 1\nflags\t\t: fpu\n"
    )
    monkeypatch.setattr(cpu_flags, "_CPUS", tmp_path / "cpuinfo")
    assert cpu_flags.cpu_flags() == {"fpu", "avx2", "avx512f"}


def test_without_a_list_nothing_is_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_flags, "_CPUS", tmp_path / "cpuinfo")
    assert cpu_flags.cpu_flags() is None
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert cpu_flags.cpu_flags() is None


def test_linux_and_llvm_agree_on_avx512() -> None:
    flags = cpu_flags.cpu_flags()
    if flags is None:
        pytest.skip("this system does not list what its CPU can do")
    assert host().avx512 == ({"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= flags)
