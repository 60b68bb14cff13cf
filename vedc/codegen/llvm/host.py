"""The machine for which code is generated."""

from __future__ import annotations

from functools import cache

import llvmlite.binding as llvm

from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Host:
    """A target of the CPU code generator.

    ``lanes`` is the vector width in floats: 16 with AVX-512, 8 with AVX2, else 4.
    ``features`` is LLVM's list, such as ``"+avx2,-avx512f"``.
    """

    triple: str
    cpu: str
    features: str
    lanes: int

    @property
    def x86(self) -> bool:
        return self.triple.startswith("x86_64")

    @property
    def avx512(self) -> bool:
        """Whether the 512-bit forms of getexp, getmant, reduce and scalef are available."""
        return self.lanes == 16

    @property
    def picks(self) -> bool:
        """Whether elements of a vector can be picked by number, with AVX2 or AVX-512."""
        return self.x86 and self.lanes >= 8


@cache
def host() -> Host:
    """This machine."""
    _initialise()
    found = llvm.get_host_cpu_features()
    return Host(
        triple=llvm.get_process_triple(),
        cpu=llvm.get_host_cpu_name(),
        features=found.flatten(),
        lanes=_lanes({name for name, there in found.items() if there}),
    )


def _lanes(features: set[str]) -> int:
    if {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= features:
        return 16
    if {"avx2", "fma"} <= features:
        return 8
    return 4


@cache
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
