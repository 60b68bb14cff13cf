"""Films whose colours an OpenColorIO config manages, from files to files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import PyOpenColorIO as ocio
import pytest

from tests.paths import ROOT
from vedc.decide.grades.perceived import delta_e
from vedc.errors import UserError
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

ACES1 = "studio-config-v2.1.0_aces-v1.3_ocio-v2.3"
CONFIG = ocio.Config.CreateFromFile(f"ocio://{ACES1}")
VIEW = "sRGB - Display", "ACES 1.0 - SDR Video"
SIZE = 96, 64
Array = Any


@pytest.fixture(scope="module")
def photo() -> Array:
    """A real picture in display values, float32 (height, width, 3)."""
    path = ROOT / "vedc" / "report" / "ops" / "pictures" / "sunset.jpg"
    whole = cv2.imread(str(path))
    assert whole is not None
    small = cv2.resize(whole, SIZE, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[..., ::-1], np.float32) / 255


def through(processor: Any, rgb: Array) -> Array:
    held = np.array(rgb, np.float32, order="C")
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(held)
    return held


def scene(photo: Array) -> Array:
    return through(CONFIG.getProcessor("ACEScg", *VIEW, ocio.TRANSFORM_DIR_INVERSE), photo)


def write(path: Path, codes: Array) -> None:
    """Two frames of code values in 12 bits without loss."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("ffv1", rate=25)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "gbrp12le"
        words = np.rint(np.clip(codes, 0, 1) * 4095).astype("<u2")
        for number in range(2):
            frame = av.VideoFrame(*SIZE, "gbrp12le")
            for plane, channel in zip(frame.planes, (1, 2, 0), strict=True):
                rows = np.zeros((SIZE[1], plane.line_size // 2), "<u2")
                rows[:, : SIZE[0]] = words[..., channel]
                plane.update(rows.tobytes())
            frame.pts = number
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


def film(folder: Path, spec: str) -> Path:
    (folder / "edit.vedc.yaml").write_text(f"version: 1\n{spec}")
    deliver(Build(folder / "edit.vedc.yaml"), replace=True)
    return folder


def shown(path: Path) -> Array:
    read = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert read is not None
    return read[..., 2::-1].astype(np.float32) / np.iinfo(read.dtype).max


def far(ours: Array, theirs: Array) -> Array:
    """CIEDE2000 of two pictures in display values of sRGB."""
    return delta_e(ours, theirs)


PROFILE = f'profile: {{ocio: {ACES1}, view: "{VIEW[1]}", display: "{VIEW[0]}"}}'
STILL = "outputs: [{path: out.png, pix_fmt: gbrp16le}]"


@pytest.mark.parametrize("space", ["S-Log3 S-Gamut3.Cine", "ARRI LogC4", "V-Log V-Gamut"])
def test_a_log_clip_comes_out_as_it_was_seen(space: str, photo: Array, tmp_path: Path) -> None:
    write(tmp_path / "shot.mkv", through(CONFIG.getProcessor("ACEScg", space), scene(photo)))
    film(
        tmp_path,
        f'{PROFILE}\nassets: {{shot: {{src: shot.mkv, color: {{space: "{space}"}}}}}}\n'
        f"timeline: [{{clip: shot}}]\n{STILL}",
    )
    off = far(shown(tmp_path / "out.png"), photo)
    assert off.mean() < 0.2
    assert off.max() < 1.5  # the clip has 12 bits


def test_an_exposure_is_one_of_the_scene(photo: Array, tmp_path: Path) -> None:
    """Against OpenColorIO: half the light, then the view."""
    light = scene(photo)
    write(tmp_path / "shot.mkv", through(CONFIG.getProcessor("ACEScg", "ARRI LogC4"), light))
    film(
        tmp_path,
        f"{PROFILE}\nassets: {{shot: {{src: shot.mkv, color: {{space: ARRI LogC4}}}}}}\n"
        f"timeline: [{{clip: shot, grade: [{{op: exposure, stops: -1}}]}}]\n{STILL}",
    )
    theirs = through(CONFIG.getProcessor("ACEScg", *VIEW, ocio.TRANSFORM_DIR_FORWARD), light / 2)
    off = far(shown(tmp_path / "out.png"), np.clip(theirs, 0, 1))
    assert off.mean() < 0.2


def test_finished_pictures_and_titles_stay(photo: Array, tmp_path: Path) -> None:
    """Without a space a picture looks in the film as by itself, and white is white."""
    cv2.imwrite(str(tmp_path / "card.png"), np.rint(photo[..., ::-1] * 255).astype(np.uint8))
    film(
        tmp_path,
        f"{PROFILE[:-1]}, width: {SIZE[0]}, height: {SIZE[1]}}}\n"
        "timeline: [{image: card.png, duration: 1s}, {color: white, duration: 1s}]"
        "\noutputs: [{path: out.png}, {path: white.png, at: 1.5s}]",
    )
    eight = np.rint(photo * 255)
    assert np.abs(shown(tmp_path / "out.png") * 255 - eight).max() <= 1
    assert (shown(tmp_path / "white.png") * 255 >= 254).all()


def test_a_composition_is_scene_light(photo: Array, tmp_path: Path) -> None:
    """Fused, and as a separate film: seen through the view once, with highlights that stay above
    the view's white until a grade brings them down."""
    light = scene(photo) * 4
    write(tmp_path / "shot.mkv", through(CONFIG.getProcessor("ACEScg", "ARRI LogC4"), light))
    inner = "compositions: {part: {timeline: [{clip: shot}]}}"
    for speed in ("1", "0.5"):
        film(
            tmp_path,
            f"{PROFILE}\nassets: {{shot: {{src: shot.mkv, color: {{space: ARRI LogC4}}}}}}\n"
            f"{inner}\ntimeline: [{{composition: part, speed: {speed}, "
            f"grade: [{{op: exposure, stops: -2}}]}}]\n{STILL}",
        )
        assert far(shown(tmp_path / "out.png"), photo).mean() < 0.3


def test_each_output_has_its_view(photo: Array, tmp_path: Path) -> None:
    """One spec, an SDR and an HDR film: the files say what they are."""
    write(tmp_path / "shot.mkv", through(CONFIG.getProcessor("ACEScg", "ARRI LogC4"), scene(photo)))
    hdr = '{path: hdr.mp4, codec: hevc, display: "Rec.2100-PQ - Display"}'
    film(
        tmp_path,
        f"{PROFILE}\nassets: {{shot: {{src: shot.mkv, color: {{space: ARRI LogC4}}}}}}\n"
        f"timeline: [{{clip: shot}}]\noutputs: [{{path: sdr.mp4}}, {hdr}]",
    )
    said = {}
    for name in ("sdr", "hdr"):
        with av.open(str(tmp_path / f"{name}.mp4")) as file:
            frame = next(file.decode(video=0))
            context = file.streams.video[0].codec_context
            said[name] = (
                int(context.color_primaries), int(context.color_trc), int(context.colorspace),
                frame.format.name,
            )  # fmt: skip
    assert said == {"sdr": (1, 13, 1, "yuv420p"), "hdr": (9, 16, 9, "yuv420p10le")}


@pytest.mark.parametrize(
    ("space", "words", "most"),
    [
        ("V-Log V-Gamut", "transfer: vlog, primaries: vgamut", 0.005),
        # OpenColorIO adapts Sony's white by CAT02, we by Bradford.
        ("S-Log3 S-Gamut3.Cine", "transfer: slog3, primaries: sgamut3cine", 0.1),
    ],
)
def test_a_space_without_a_config(
    space: str, words: str, most: float, photo: Array, tmp_path: Path
) -> None:
    """Names of the built-in config mean what the formulas of the same camera mean."""
    write(
        tmp_path / "shot.mkv",
        through(CONFIG.getProcessor("ACEScg", space), scene(photo)),
    )
    pictures = []
    for color in (f"space: {space}", words):
        film(
            tmp_path,
            "profile: {color: bt709}\n"
            f"assets: {{shot: {{src: shot.mkv, color: {{{color}}}}}}}\n"
            f"timeline: [{{clip: shot}}]\n{STILL}",
        )
        pictures.append(shown(tmp_path / "out.png"))
    assert far(*pictures).mean() < most
    assert pictures[0].std() > 0.05


def test_a_changed_config_renders_again(tmp_path: Path, photo: Array) -> None:
    from tests.unit.spaces.test_config import write as write_config

    write(tmp_path / "shot.mkv", photo)
    spec = (
        "profile: {ocio: house.ocio, color: bt709}\n"
        "assets: {shot: {src: shot.mkv, color: {space: log}}}\n"
        f"timeline: [{{clip: shot}}]\n{STILL}"
    )
    write_config(tmp_path, 1.0)
    first = shown(film(tmp_path, spec) / "out.png")
    write_config(tmp_path, 0.5)
    second = shown(film(tmp_path, spec) / "out.png")
    assert first.mean() > second.mean() * 1.2


@pytest.mark.parametrize("step", ["grade: [{auto: balance}]", "effects: [{auto: clean}]"])
def test_what_decides_steps_leaves_such_a_film_alone(
    photo: Array, tmp_path: Path, step: str
) -> None:
    from vedc.report.decisions import text
    from vedc.report.decisions.source import view
    from vedc.workspace.build import Deciding

    write(tmp_path / "shot.mkv", photo)
    (tmp_path / "edit.vedc.yaml").write_text(
        f"version: 1\n{PROFILE}\ntimeline: [{{clip: shot.mkv, {step}}}]\n"
    )
    deciding = Deciding(Build(tmp_path / "edit.vedc.yaml"), "decide")
    found = view(deciding, None, pictures=False)
    assert "work on light" in text.text(found, False)


def test_the_codes_of_what_is_wrong(tmp_path: Path, photo: Array) -> None:
    write(tmp_path / "shot.mkv", photo)
    with pytest.raises(UserError) as raised:
        film(
            tmp_path,
            f"profile: {{ocio: {ACES1}, view: nothing, look: nothing}}\n"
            "assets: {shot: {src: shot.mkv, color: {space: ARRI LogC5}}}\n"
            "timeline: [{clip: shot}]\noutputs: [{path: out.png}]",
        )
    problems = [(p.code, p.message.partition(" has ")[2]) for p in raised.value.problems]
    assert sorted(problems) == [
        ("unknown-name", "no colour space 'ARRI LogC5'; did you mean 'ARRI LogC4'?"),
        ("unknown-name", "no look 'nothing'"),
        ("unknown-name", "no view for 'sRGB - Display' 'nothing'"),
    ]
