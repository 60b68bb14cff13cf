"""Which names are one file, on case-sensitive and case-insensitive disks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.error.support import run
from vedc.lang.resolve.sections import output_paths

SPEC = """\
version: 1
timeline: [{color: red, duration: 1s}]
outputs: [{path: out/film.mp4}, {path: Out/FILM.mp4}]
"""


@pytest.mark.parametrize("folds", [False, True])
def test_names_that_differ_in_case(
    folds: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_paths, "_folds_case", lambda folder: folds)
    (tmp_path / "edit.vedc.yaml").write_text(SPEC)
    answer = run("validate", "edit.vedc.yaml", folder=tmp_path)
    assert [reported.code for reported in answer.problems()] == (["same-output"] if folds else [])


def test_a_case_sensitive_disk(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folds = (tmp_path / "FOLDER").exists()
    assert output_paths._folds_case(str(folder)) == folds
    if not folds:
        (tmp_path / "FOLDER").symlink_to(folder)  # another file, though it leads to the same
        assert not output_paths._folds_case(str(folder))
    assert not output_paths._folds_case(str(tmp_path / "1"))
