"""The media info of a composition's film, as a probe would give it."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.media_info import COMPOSITION, AudioInfo, MediaInfo, VideoInfo
from vedc.edit.model import KEPT, Edit


def described(edit: Edit, name: str) -> MediaInfo:
    """The media info of a composition's film; messages call it ``name``."""
    profile = edit.profile
    length = edit.duration / profile.fps
    color = profile.canvas_color.with_(matrix="rgb", range="full")
    video = VideoInfo(
        width=profile.width,
        height=profile.height,
        sar=Fraction(1),
        rotation=0,
        pix_fmt=KEPT.pix_fmt,
        format=KEPT.pix_fmt,
        rate=profile.fps,
        color=color,
        tagged=True,
        codec=KEPT.codec,
        time_base=1 / profile.fps,
        frames=edit.duration,
    )
    layout = "mono" if profile.channels == 1 else "stereo"
    sound = AudioInfo(
        profile.sample_rate, profile.channels, layout, "pcm_f32le", Fraction(0), length
    )
    return MediaInfo(
        path=name,
        size=0,
        mtime_ns=0,
        kind="video",
        container=COMPOSITION,
        duration=length,
        video=video,
        audio=sound if sounds(edit) else None,
    )


def sounds(edit: Edit) -> bool:
    """Whether anything of an edit is heard."""
    return bool(edit.audio) or any(
        item.sound is not None for track in edit.tracks for item in track.items
    )
