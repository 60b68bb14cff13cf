"""What a media file contains, as JSON and as text."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from typing import Any

from vedc.edit.media_info import MediaInfo, StreamInfo, VideoInfo
from vedc.media.mark import Mark


def data(info: MediaInfo, mark: Mark | None = None) -> dict[str, Any]:
    """A media file as JSON: times in seconds, rates and ratios as fractions in text."""
    plain: dict[str, Any] = asdict(info)
    for stream in (plain, plain["video"], plain["audio"]):
        for name, value in (stream or {}).items():
            if isinstance(value, Fraction):
                exact = name in ("rate", "sar", "time_base")
                stream[name] = str(value) if exact else float(value)
    for join in plain["joins"]:
        join |= {"offset": float(join["offset"]), "time": float(join["time"])}
    if info.video:
        del plain["video"]["begins"]  # of use to the decoder alone
        plain["video"]["display_size"] = list(info.video.display_size)
    plain["made_by"] = mark.fields() if mark else None
    return plain


def text(info: MediaInfo, mark: Mark | None = None) -> str:
    length = "" if info.duration is None else f", {float(info.duration):.3f} s"
    lines = [f"{info.path}: {info.kind}, {info.container}{length}"]
    video, audio = info.video, info.audio
    if video:
        color = video.color
        shown = "x".join(str(n) for n in video.display_size)
        turned = "mirrored" if video.mirrored else ""
        if video.rotation:
            turned += f"{' and ' if turned else ''}rotated by {video.rotation} degrees"
        lines.append(
            f"  video  {video.codec}, {video.width}x{video.height} {video.pix_fmt}, "
            f"displayed as {shown}, {video.rate} fps{', ' if turned else ''}{turned}"
        )
        if video.hidden is not None:
            left, right, top, bottom = video.hidden
            lines.append(
                f"         edges hidden: left {left}, right {right}, top {top}, bottom {bottom}"
            )
        if video.scan != "progressive" or video.pulldown != "none":
            lines.append(f"         {_scan(video)}")
        tagged = "tagged" if video.tagged else "partly guessed"
        lines.append(
            f"         {color.primaries}/{color.transfer}/{color.matrix}, "
            f"{color.range} range, {tagged}{_light(video)}"
        )
    if audio:
        lines.append(
            f"  audio  {audio.codec}, {audio.rate} Hz, {audio.layout}, "
            f"starts at {float(audio.start):+.3f} s"
        )
    if len(info.streams) > 1:
        lines += map(_stream, info.streams)
    for note in info.notes:
        lines.append(f"  note   {note.message}")
        if note.hint:
            lines.append(f"         {note.hint}")
    if mark:
        lines.append(f"  made by vedc {mark.version} from {mark.spec_shown}")
        lines.append(f"         spec {mark.spec_digest}")
        lines.append(f"         plan {mark.plan_digest}")
    return "\n".join(lines) + "\n"


def _stream(stream: StreamInfo) -> str:
    facts = [stream.codec]
    if stream.channels is not None:
        facts.append(f"{stream.channels} channel{'' if stream.channels == 1 else 's'}")
    facts += [word for word in (stream.language, stream.title) if word]
    facts += [word for word, so in (("default", stream.default), ("cover", stream.cover)) if so]
    return f"  stream {stream.kind} {stream.index}: {', '.join(facts)}"


def _light(video: VideoInfo) -> str:
    """The largest light of an HDR film, where its metadata gives it."""
    return "" if video.peak is None else f", light up to {video.peak:.0f} cd/m2"


def _scan(video: VideoInfo) -> str:
    """The scan type of the frames, and how it is known."""
    if video.pulldown == "soft":
        return "film with flags that repeat fields (soft 3:2 pulldown)"
    order = video.scan.replace("-", " field ")
    known = {
        "frames": "flagged in its frames",
        "file": "flagged in its header",
        "pictures": "not flagged: judged by its pictures",
    }[video.scan_by]
    film = ", film telecined by 3:2 pulldown" if video.pulldown == "hard" else ""
    return f"interlaced, {order} ({known}){film}"
