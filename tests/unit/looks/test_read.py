"""Colour files of every kind, against OpenColorIO reading the same file."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest

from tests import look_files
from tests.looks_support import EXTREME, UNIT, WIDE, by_ocio, furthest
from vedc.errors import MissingError, UserError
from vedc.looks import guarded, library
from vedc.looks.read import probe, read
from vedc.looks.run import run
from vedc.ops.looks.look_file import KINDS, LookFile


def test_there_is_a_file_of_every_kind() -> None:
    assert {Path(name).suffix for name in look_files.FILES} == set(KINDS)


@pytest.mark.parametrize("name", look_files.FILES)
def test_every_kind(name: str, tmp_path: Path) -> None:
    path = look_files.write(tmp_path, name)
    held = read(path)
    assert isinstance(held, LookFile)
    ((_, chain),) = held.chains
    processor = look_files.processor(path)
    assert furthest(run(chain, WIDE), by_ocio(processor, WIDE)) < 2e-5
    info = probe(path)
    assert info.holds and not info.notes


def test_trilinear_is_the_default_of_opencolorio(tmp_path: Path) -> None:
    path = look_files.write(tmp_path, "look.spi3d")
    held = read(path)
    assert isinstance(held, LookFile)
    chain = held.chains[0][1]
    transform = ocio.FileTransform(src=str(path), interpolation=ocio.INTERP_LINEAR)
    theirs = by_ocio(ocio.Config.CreateRaw().getProcessor(transform), WIDE)
    assert furthest(run(chain, WIDE, "trilinear"), theirs) < 2e-6
    assert furthest(run(chain, WIDE, "tetrahedral"), theirs) > 1e-4


def test_a_collection(tmp_path: Path) -> None:
    path = tmp_path / "shots.ccc"
    path.write_text(look_files.ccc("sh010", "sh020", takes="ACEScct"))
    held, info = read(path), probe(path)
    assert isinstance(held, LookFile) and [id for id, _ in held.chains] == ["sh010", "sh020"]
    assert [c.id for c in info.corrections] == ["sh010", "sh020"]
    assert info.corrections[0].slope == (1.1, 1.0, 0.9) and info.corrections[0].saturation == 0.7
    assert info.takes == "ACEScct"


def test_what_a_clf_says_of_its_spaces(tmp_path: Path) -> None:
    path = tmp_path / "look.clf"
    path.write_text(look_files.clf(look_files.LOOK, takes="ACEScct", gives="Rec.709 video"))
    info = probe(path)
    assert (info.takes, info.gives) == ("ACEScct", "Rec.709 video")


def test_a_dollar_in_the_path_is_no_variable(tmp_path: Path) -> None:
    folder = tmp_path / "a $HOME %s"
    folder.mkdir()
    assert read(look_files.write(folder, "look.spi3d"))


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = look_files.write(tmp_path, "look.spi3d")
    before = read(path)
    path.write_text(look_files.baked("spi3d", look_files.CURVE))
    assert read(path) != before


def test_guarded_and_plain_reading_agree(tmp_path: Path) -> None:
    for name in ("chain.clf", "one.ccc", "both.cube"):
        path = look_files.write(tmp_path, name)
        info = guarded.probe(path)
        assert info == probe(path) == guarded.from_json(guarded.to_json(info))


def test_a_record_that_is_none_is_no_look() -> None:
    with pytest.raises(ValueError, match="record"):
        guarded.from_json({"holds": []})


def test_without_opencolorio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    path = look_files.write(tmp_path, "table.clf")
    with pytest.raises(MissingError) as caught:
        guarded.probe(path)
    (problem,) = caught.value.problems
    assert problem.code == "missing-extra" and problem.hint == "pip install 'vedc[ocio]'"


# ---------------------------------------------------------------- broken files

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<ProcessList id="x" compCLFversion="3"><Description>&b;</Description></ProcessList>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<ColorCorrection id="&a;"></ColorCorrection>"""
REFERENCE = """<?xml version="1.0"?>
<ProcessList id="x" version="1.3">
<Reference inBitDepth="32f" outBitDepth="32f" path="/etc/passwd"/></ProcessList>"""
SHORT_MATRIX = """<?xml version="1.0"?>
<ProcessList id="x" compCLFversion="3">
<Matrix inBitDepth="32f" outBitDepth="32f"><Array dim="3 3">
1 0 0 0 1 0 0 0</Array></Matrix></ProcessList>"""
HUGE = """<?xml version="1.0"?>
<ProcessList id="x" compCLFversion="3"><LUT3D inBitDepth="32f" outBitDepth="32f">
<Array dim="2000 2000 2000 3">1</Array></LUT3D></ProcessList>"""

MISTAKES = {
    "empty.clf": ("", 1, "empty"),
    "text.clf": ("hello", 1, "XML, and this one is not"),
    "bomb.clf": (BOMB, 2, "declares a document type"),
    "outside.cc": (OUTSIDE, 2, "declares a document type"),
    "reference.ctf": (REFERENCE, 3, "refers to another file"),
    "matrix.clf": (SHORT_MATRIX, 3, "Expected 3x3 Array values, found 8"),
    "huge.clf": (HUGE, 3, "Illegal array dimensions"),
    "cut.clf": (look_files.clf(look_files.lattice())[:900], None, "not whole XML"),
    "deep.ccc": ("<ColorCorrectionCollection>" + "<a>" * 5000, 1, "deeper ones"),
    "none.ccc": ("<ColorCorrectionCollection></ColorCorrectionCollection>", None, ""),
    "twice.ccc": (look_files.ccc("a", "a"), None, "id"),
    "other.cc": (look_files.clf(look_files.LOOK), 1, "its root is <ProcessList>"),
    "other.clf": (look_files.cc(), 1, "its root is <ColorCorrection>"),
    "other.svg.clf": ("<svg></svg>", 1, "its root is <svg>"),
    "cube.spi3d": ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 8, 1, "Adobe, IRIDAS and Resolve tables"),
    "spi.csp": ("SPILUT 1.0\n3 3\n2 2 2\n", 1, "Sony Imageworks 3D tables"),
    "huge.spi3d": ("SPILUT 1.0\n3 3\n9999 9999 9999\n", None, "between 2 and 129"),
    "huge.spi1d": ("Version 1\nFrom 0 1\nLength 99999999\nComponents 1\n{\n0\n}\n", None, "Length"),
    "cut.spi1d": ("Version 1\nFrom 0 1\nLength 5\nComponents 1\n{\n0\n0.5\n}\n", 8, "entries"),
    "line.3dl": ("0 512 1023\n1 2\n", 2, "less than 3 values"),
    "binary.vf": ("#Inventor\0\0\0", 1, "binary"),
    "noise.mga": ("channel 3d\nin 8\n", None, "OpenColorIO"),
    "look.xyz": ("0 0 0\n", None, "is not a kind of colour file"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str, tmp_path: Path) -> None:
    text, line, reason = MISTAKES[name]
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read(path)
    (problem,) = caught.value.problems
    assert problem.code == "bad-lut" and reason in problem.message
    assert str(tmp_path) not in problem.message and "vedc-look" not in problem.message
    if line is not None:
        assert problem.location is not None
        assert (problem.location.file, problem.location.line) == (str(path), line)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="missing-lut"):
        read(tmp_path / "none.clf")


def test_a_file_that_takes_too_much_memory_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader ends in its own process, whatever happens there."""
    path = look_files.write(tmp_path, "table.clf")
    monkeypatch.setattr(guarded.sys, "executable", "/bin/false")
    with pytest.raises(UserError, match="too much memory, or ends in a crash"):
        guarded.probe(path)


def test_noise_in_files_is_an_error_or_a_look(tmp_path: Path) -> None:
    """Bytes of sound files replaced, doubled and cut off."""
    random = np.random.default_rng(5)
    read_well, codes = 0, set[str]()
    for name in ("chain.clf", "one.ccc", "look.spi3d", "flame.3dl", "shaped.csp", "look.vf"):
        text = look_files.FILES[name]().encode()
        for trial in range(25):
            data = bytearray(text)
            for _ in range(random.integers(1, 4)):
                at = int(random.integers(0, len(data)))
                match trial % 4:
                    case 0:
                        data[at] = int(random.integers(0, 256))
                    case 1:
                        del data[at:]
                    case 2:
                        data[at:at] = data[at : at + 40]
                    case 3:
                        data[at:at] = random.choice([b"1e39", b"nan", b"<", b"-", b"9" * 400])
                if not data:
                    break
            path = tmp_path / f"{trial}-{name}"
            path.write_bytes(bytes(data))
            began = time.monotonic()
            try:
                held = read(path)
            except UserError as error:
                codes.update(problem.code for problem in error.problems)
            else:
                read_well += 1
                assert isinstance(held, LookFile)
                for _, chain in held.chains:
                    run(chain, np.concatenate([UNIT[:20], EXTREME]))
            assert time.monotonic() - began < 30  # a hang, not a measurement
    assert read_well and codes == {"bad-lut"}
