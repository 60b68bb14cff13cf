"""Exports for editing programs: read back by vedc, by OpenTimelineIO's adapters and by melt."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio
import pytest

from tests.interchange_support import checked, imported, shown
from tests.media.make import read_luma_number
from vedc.edit.model import Edit
from vedc.errors import UsageError
from vedc.interchange.common.losses import Losses
from vedc.interchange.convert import export_text
from vedc.interchange.formats import FORMATS
from vedc.workspace.build import Build, Deciding
from vedc.workspace.settled import settled

SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 25}
timeline:
  tracks:
    - id: main
      clips:
        - {clip: a.mkv, in: 10f, duration: 30f}
        - {transition: dissolve, duration: 10f}
        - {clip: a.mkv, in: 50f, duration: 40f, volume: -3dB}
        - {gap: 5f}
        - {image: photo.png, duration: 20f, effects: [{op: gaussian_blur, radius: 2}]}
        - {clip: mute.mkv, in: 4f, duration: 10f, speed: 2}
    - id: above
      clips:
        - {gap: 20f}
        - {image: logo.png, duration: 15f}
audio:
  - {clip: music.wav, start: 10f, in: 2s, duration: 30f}
"""
#: The visible clips; an EDL has only the first track.
MAIN = ["0-30 a@10", "20-60 a@50", "65-85 photo", "85-95 mute@4 x2", "20-30 dissolve"]
REST = ["20-35 logo", "10-40 sound music@50"]
PROGRAMS = ["fcp7", "fcpxml", "mlt"]


def exported(media: Path, form: str, spec: str = SPEC) -> tuple[str, Losses, Edit]:
    path = media / f"export-{form}.vedc.yaml"
    path.write_text(spec)
    edit, document = settled(Deciding(Build(path)))
    text, losses = export_text(
        edit, document, media / f"film{FORMATS[form].suffixes[0]}", FORMATS[form]
    )
    return text, losses, edit


@pytest.mark.parametrize("form", [*PROGRAMS, "edl"])
def test_vedc_reads_what_it_writes(media: Path, form: str) -> None:
    text, losses, edit = exported(media, form)
    assert shown(edit) == [*MAIN, *REST]
    file = f"again-{form}{FORMATS[form].suffixes[0]}"
    found = imported(media, file, text, form)
    again = shown(checked(media, file))
    assert again == (MAIN if form == "edl" else [*MAIN, *REST]), f"{text}\n{found.text}"
    reported = " ".join(loss.what for loss in losses)
    assert "'volume'" in reported and "'effects'" in reported
    assert ("track above" in reported) == (form == "edl")


def _clips(timeline: Any) -> list[tuple[str, int, int, int]]:
    """The name, the source frame, and the frames of every clip, by track."""
    out = []
    for track in timeline.video_tracks():
        for clip in track.find_clips():
            place = clip.trimmed_range_in_parent()
            source = clip.trimmed_range().start_time.to_frames()
            begin = place.start_time.to_frames()
            out.append((Path(clip.name).stem, source, begin, begin + place.duration.to_frames()))
    return out


@pytest.mark.parametrize(("form", "adapter"), [("fcp7", "fcp_xml"), ("fcpxml", "fcpx_xml")])
def test_the_adapters_of_opentimelineio_agree(media: Path, form: str, adapter: str) -> None:
    stills = form == "fcp7"  # the other adapter fails on stills, which are not clips in that format
    spec = SPEC if stills else re.sub(r"{image: \S+png", "{clip: mute.mkv", SPEC)
    text, _, _ = exported(media, form, spec)
    timeline = opentimelineio.adapters.read_from_string(text, adapter)
    if not isinstance(timeline, opentimelineio.schema.Timeline):
        timeline = next(iter(timeline.find_children(opentimelineio.schema.Timeline)))
    clips = [clip for clip in _clips(timeline) if clip[0] != "music"]
    clips.sort(key=lambda clip: (clip[0] == "logo" or clip[2:] == (20, 35), clip[2]))
    assert [(clip[1], clip[2], clip[3]) for clip in clips[:2]] == [(10, 0, 25), (55, 25, 60)]
    assert [clip[2:] for clip in clips[2:]] == [(65, 85), (85, 95), (20, 35)]


def test_the_adapter_for_lists_agrees(media: Path) -> None:
    text, _, _ = exported(media, "edl")
    timeline = opentimelineio.adapters.read_from_string(text, "cmx_3600", rate=25)
    clips = [(clip[1], clip[2], clip[3]) for clip in _clips(timeline)]
    # The adapter has the cut where the dissolve begins.
    assert clips[:2] == [(10, 0, 20), (50, 20, 60)]


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")
@pytest.mark.slow
def test_melt_shows_the_same_frames(media: Path) -> None:
    text, _, edit = exported(media, "mlt")
    (media / "film.mlt").write_text(text)
    target = media / "melted.mkv"
    command = [
        "melt",
        "film.mlt",
        "-consumer",
        f"avformat:{target}",
        "vcodec=ffv1",
        "an=1",
        "real_time=-1",
    ]
    subprocess.run(command, cwd=media, check=True, capture_output=True, timeout=120)
    with av.open(str(target)) as film:
        frames = [
            frame.to_ndarray(format="gray").astype(np.int64) for frame in film.decode(video=0)
        ]
    assert len(frames) == edit.duration
    for frame, number in ((0, 10), (19, 29), (30, 60), (59, 89), (86, 6), (94, 22)):
        assert read_luma_number(frames[frame]) == number, frame


def _film(*items: str, fps: str = "25") -> str:
    clips = "".join(f"        - {item}\n" for item in items)
    return (
        f"version: 1\nprofile: {{width: 64, height: 48, fps: {fps}}}\n"
        f"timeline:\n  tracks:\n    - id: main\n      clips:\n{clips}"
    )


BACKWARDS = _film(
    "{clip: a.mkv, in: 10f, duration: 20f, speed: -1}",
    "{transition: dissolve, duration: 6f}",
    "{clip: a.mkv, in: 20f, duration: 20f, speed: -2}",
    "{clip: a.mkv, in: 25f, duration: 10f, speed: 0.5}",
)


@pytest.mark.parametrize("form", PROGRAMS)
def test_clips_that_play_backwards_or_slowly_come_back(media: Path, form: str) -> None:
    text, losses, edit = exported(media, form, BACKWARDS)
    file = f"backwards-{form}{FORMATS[form].suffixes[0]}"
    found = imported(media, file, text, form)
    assert shown(checked(media, file)) == shown(edit), f"{text}\n{found.text}"
    assert not losses


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")
@pytest.mark.slow
def test_melt_plays_backwards(media: Path) -> None:
    items = ("{clip: a.mkv, in: 10f, duration: 20f, speed: -1}",
             "{clip: a.mkv, in: 20f, duration: 10f, speed: -2}")  # fmt: skip
    text, _, _ = exported(media, "mlt", _film(*items))
    (media / "backwards.mlt").write_text(text)
    target = media / "backwards.mkv"
    command = ["melt", "backwards.mlt", "-consumer", f"avformat:{target}", "vcodec=ffv1", "an=1",
               "real_time=-1"]  # fmt: skip
    subprocess.run(command, cwd=media, check=True, capture_output=True, timeout=120)
    with av.open(str(target)) as film:
        frames = [
            frame.to_ndarray(format="gray").astype(np.int64) for frame in film.decode(video=0)
        ]
    numbers = [read_luma_number(frame) for frame in frames]
    assert numbers == [*range(29, 9, -1), *range(38, 18, -2)]


def test_a_list_freezes_frames(media: Path) -> None:
    text, losses, edit = exported(media, "edl", _film("{clip: a.mkv, freeze: 1s, duration: 2s}"))
    assert "M2" in text and not losses
    imported(media, "frozen.edl", text, "edl")
    assert shown(checked(media, "frozen.edl")) == shown(edit) == ["0-50 a@25 x0"]


def test_a_time_remap_of_nothing_is_a_freeze_frame(media: Path) -> None:
    text, _, edit = exported(media, "fcp7", _film("{clip: a.mkv, freeze: 1s, duration: 2s}"))
    imported(media, "frozen.xml", text, "fcp7")
    assert shown(checked(media, "frozen.xml")) == shown(edit)


@pytest.mark.parametrize(("fps", "reported"), [("12.5", None), ("30000/1001", ("30", "TRUE")),
                                           ("24", ("24", "FALSE"))])  # fmt: skip
def test_final_cut_pro_7_counts_whole_frames(
    media: Path, fps: str, reported: tuple[str, str] | None
) -> None:
    spec = _film("{clip: a.mkv, duration: 1s}", fps=fps)
    if reported is None:
        with pytest.raises(UsageError, match="no time base"):
            exported(media, "fcp7", spec)
        return
    text, _, _ = exported(media, "fcp7", spec)
    assert f"<timebase>{reported[0]}</timebase>" in text and f"<ntsc>{reported[1]}</ntsc>" in text


def test_final_cut_pro_7_fades_the_sound_with_a_dissolve(media: Path) -> None:
    text, _, _ = exported(media, "fcp7")
    audio = text[text.index("<audio>\n        <track>") :]
    assert "KGAudioTransCrossFade0dB" in audio
    timeline = opentimelineio.adapters.read_from_string(text, "fcp_xml")
    track = next(iter(timeline.audio_tracks()))
    assert [type(each).__name__ for each in track][:3] == ["Clip", "Transition", "Clip"]
