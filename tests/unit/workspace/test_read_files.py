"""Which files a spec reads."""

from __future__ import annotations

from pathlib import Path

from vedc.workspace.build import Build
from vedc.workspace.watch.read_files import read_files

SPEC = """\
version: 1
variables: {who: {default: music}}
assets:
  a: {src: media/a.mp4}
  b: {src: "${{ who }}.opus"}
  many: {src: "frames/%04d.png"}
  far: {src: https://films.example/b.mp4}
timeline:
  - {clip: a, grade: [{op: lut, file: looks/warm.cube}]}
  - {text: "Two clips, v1.2 of one text"}
  - {text: notes}
outputs: [{path: out/film.mp4}]
"""


def names(spec: Path, **options: object) -> set[str]:
    found = read_files(Build(spec, **options))  # type: ignore[arg-type]
    return {path.relative_to(spec.parent).as_posix() for path in found}


def test_every_file_that_a_spec_names_is_read_whether_it_exists_or_not(tmp_path: Path) -> None:
    spec = tmp_path / "f.vedc.yaml"
    spec.write_text(SPEC)
    (tmp_path / "frames").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "film.mp4").write_bytes(b"")
    (tmp_path / "notes").write_text("no extension, but a file")
    expected = {"f.vedc.yaml", "vedc.lock", "media/a.mp4", "frames", "looks/warm.cube", "notes"}
    assert names(spec) == expected


def test_a_spec_that_cannot_be_read_is_followed_itself(tmp_path: Path) -> None:
    spec = tmp_path / "f.vedc.yaml"
    assert names(spec) == {"f.vedc.yaml", "vedc.lock"}
    spec.write_text("a: [")
    assert names(spec) == {"f.vedc.yaml", "vedc.lock"}


def test_variables_name_files_too(tmp_path: Path) -> None:
    spec, values = tmp_path / "f.vedc.yaml", tmp_path / "values.yaml"
    spec.write_text("version: 1\n")
    values.write_text("logo: logo.png\n")
    found = names(spec, set_values={"clip": "b.mp4"}, var_file=values)
    assert found == {"f.vedc.yaml", "vedc.lock", "values.yaml", "logo.png", "b.mp4"}
