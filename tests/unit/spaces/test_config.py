"""Configs of OpenColorIO: names, identities, file rules, displays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from vedc.errors import MissingError, UserError
from vedc.spaces import config as configs
from vedc.spaces.displays import measured, working_name

ACES1 = "ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3"


def studio() -> configs.Config:
    return configs.open_built_in(ACES1)


def test_names() -> None:
    config = studio()
    assert config.working == "ACEScg"
    assert config.space("logc4 nonsense") is None
    assert config.space("SLOG3_sgamut3cine") == "S-Log3 S-Gamut3.Cine"  # an alias, in any case
    assert config.default_view("sRGB - Display") in config.views("sRGB - Display")
    assert "sRGB - Display" not in config.space_names


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("studio-config-latest", "ocio://studio-config-latest"),
        ("ocio://default", "ocio://default"),
        ("studio.ocio", None),
        ("colour/film.OCIOZ", None),
    ],
)
def test_what_is_built_in(text: str, meant: str | None) -> None:
    assert configs.built_in(text) == meant


def test_an_unknown_built_in_config() -> None:
    with pytest.raises(UserError) as raised:
        configs.open_built_in("ocio://nonsense")
    assert raised.value.problems[0].code == "unknown-ocio"


def test_without_opencolorio(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    with pytest.raises(MissingError) as raised:
        configs.built_in_names()
    (problem,) = raised.value.problems
    assert problem.code == "missing-extra"
    assert problem.hint == "pip install 'vedc[ocio]'"


# ---------------------------------------------------------------- displays

DISPLAYS = {
    "sRGB - Display": ("bt709", "iec61966-2-1", ""),
    "Display P3 - Display": ("smpte432", "iec61966-2-1", ""),
    "Rec.1886 Rec.709 - Display": ("bt709", "bt709", ""),
    "Rec.2100-PQ - Display": ("bt2020", "smpte2084", ""),
    "Rec.2100-HLG - Display": ("bt2020", "arib-std-b67", ""),
    "ST2084-P3-D65 - Display": ("smpte432", "smpte2084", ""),
    "P3-D65 - Display": ("smpte432", "bt709", "its curve"),
}


@pytest.mark.parametrize("display", DISPLAYS)
def test_what_files_say_of_a_display(display: str) -> None:
    config = studio()
    found = measured(config.display_light(display, config.default_view(display)))
    said = found.color.primaries, found.color.transfer, found.lacks
    assert said == DISPLAYS[display]
    assert found.color.matrix == ("bt2020nc" if said[0] == "bt2020" else "bt709")


def test_the_working_primaries() -> None:
    assert working_name(studio().working_primaries()) == "ap1"
    assert working_name(None) == "scene"


# ---------------------------------------------------------------- a config with files

CONFIG = """\
ocio_profile_version: 2
search_path: luts
strictparsing: true
roles: {default: raw, scene_linear: light, reference: light}
file_rules:
  - !<Rule> {name: logs, colorspace: log, pattern: "*_log*", extension: "*"}
  - !<Rule> {name: Default, colorspace: raw}
displays:
  wall:
    - !<View> {name: plain, colorspace: shown}
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: light, encoding: scene-linear}
  - !<ColorSpace> {name: raw, isdata: true}
  - !<ColorSpace>
    name: log
    to_scene_reference: !<FileTransform> {src: camera.cube}
  - !<ColorSpace>
    name: shown
    from_scene_reference: !<ExponentTransform> {value: [0.45, 0.45, 0.45, 1]}
"""


def write(folder: Path, gain: float) -> Path:
    (folder / "luts").mkdir(exist_ok=True)
    rows = [f"{gain * x * x:.6f}" for x in np.linspace(0, 1, 32)]
    table = "LUT_1D_SIZE 32\n" + "".join(f"{row} {row} {row}\n" for row in rows)
    (folder / "luts" / "camera.cube").write_text(table)
    path = folder / "house.ocio"
    path.write_text(CONFIG)
    return path


def test_identities_follow_what_a_config_does(tmp_path: Path) -> None:
    """A table that changes is another transform; a name that changes is not."""
    path = write(tmp_path, 1.0)
    first = configs.open_file(path).source("log")
    assert configs.open_file(path).source("log") == first
    path.write_text(CONFIG.replace("name: log", "name: logarithm").replace("logs", "l").replace(
        "colorspace: log,", "colorspace: logarithm,"))  # fmt: skip
    renamed = configs.open_file(path).source("logarithm")
    assert (renamed.id, renamed.title) == (first.id, "logarithm to light")
    write(tmp_path, 1.5)
    assert configs.open_file(path).source("log").id != first.id


def test_file_rules_but_the_default(tmp_path: Path) -> None:
    config = configs.open_file(write(tmp_path, 1.0))
    assert config.by_file_rules("/media/a_log.mov") == "log"
    assert config.by_file_rules("/media/a.mov") is None


def test_a_display_that_cannot_be_measured(tmp_path: Path) -> None:
    config = configs.open_file(write(tmp_path, 1.0))
    assert config.display_light("wall", "plain") is None
    assert config.from_aces() is None


def test_a_missing_table(tmp_path: Path) -> None:
    path = write(tmp_path, 1.0)
    (tmp_path / "luts" / "camera.cube").unlink()
    with pytest.raises(UserError) as raised:
        configs.open_file(path).source("log")
    (problem,) = raised.value.problems
    assert problem.code == "bad-ocio"
    assert "camera.cube" in problem.message


def test_a_config_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "bad.ocio"
    path.write_text("nonsense: [")
    with pytest.raises(UserError) as raised:
        configs.open_file(path)
    assert raised.value.problems[0].code == "bad-ocio"
    assert "\n" not in raised.value.problems[0].message


def test_views_go_back() -> None:
    """Through the view and back, by OpenColorIO: the same processors that films use."""
    config = studio()
    view = config.view("sRGB - Display", "ACES 1.0 - SDR Video", "")
    assert view.back is not None
    from vedc.spaces.opened import OPENED

    codes = np.full((1, 3), 0.5, np.float32)
    for transform in (view.back, view.out):
        cpu: Any = OPENED[transform.id].processor.getOptimizedCPUProcessor(
            ocio.OPTIMIZATION_LOSSLESS
        )
        cpu.applyRGB(codes)
    np.testing.assert_allclose(codes, 0.5, atol=1e-4)


@pytest.mark.slow
def test_specs_without_these_names_do_not_load_opencolorio(tmp_path: Path) -> None:
    """Checking, planning and rendering."""
    import subprocess
    import sys

    (tmp_path / "edit.vedc.yaml").write_text(
        "version: 1\nprofile: {width: 16, height: 16, fps: 25}\n"
        "timeline: [{color: red, duration: 0.1s}]\noutputs: [{path: a.png}]\n"
    )
    code = (
        "import sys\nfrom pathlib import Path\nfrom vedc.workspace.build import Build\n"
        "from vedc.workspace.deliver import deliver\n"
        "deliver(Build(Path('edit.vedc.yaml')))\nprint('PyOpenColorIO' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == "False"
