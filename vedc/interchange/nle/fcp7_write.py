"""A resolved edit as the XML of Final Cut Pro 7, which Premiere Pro and DaVinci Resolve read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path, PurePath

from vedc.edit.model import Edit
from vedc.edit.times import format_rate, round_half_up
from vedc.errors import UsageError
from vedc.interchange.common.losses import Losses
from vedc.interchange.nle.out import Out, Placed, overlaps
from vedc.interchange.nle.xml_text import Tag, document
from vedc.lang.yaml.load import Document


def write(edit: Edit, doc: Document, target: Path, losses: Losses) -> str:
    """The sequence as XML (version 5 of xmeml).

    Raises UsageError ``no-timebase`` for a film whose frame rate the format cannot express: it has
    whole numbers, and those times 1000/1001.
    """
    fps = edit.profile.fps
    if fps.denominator != 1 and (fps * 1001 / 1000).denominator != 1:
        message = f"{format_rate(fps)} frames a second have no time base in Final Cut Pro 7 XML"
        raise UsageError.one("no-timebase", message, hint="write .otio, .fcpxml or .mlt")
    return _Writer(edit, doc, target, losses).text()


class _Writer:
    def __init__(self, edit: Edit, doc: Document, target: Path, losses: Losses) -> None:
        self.out = Out(edit, doc, target, losses)
        self.edit, self.fps = edit, edit.profile.fps
        self.files: dict[str, str] = {}
        self.count = 0

    def text(self) -> str:
        root = Tag("xmeml", {"version": "5"})
        sequence = root.add("sequence", id="sequence-1")
        sequence.add("name", self.out.name)
        sequence.add("duration", self.edit.duration)
        self._rate(sequence)
        code = sequence.add("timecode")
        self._rate(code)
        code.add("string", "00:00:00:00")
        code.add("frame", 0)
        code.add("displayformat", "NDF")
        media = sequence.add("media")
        video, audio = media.add("video"), media.add("audio")
        shape = video.add("format").add("samplecharacteristics")
        shape.add("width", self.edit.profile.width)
        shape.add("height", self.edit.profile.height)
        shape.add("pixelaspectratio", "square")
        self._rate(shape)
        audio_rows: list[tuple[Sequence[Placed | None], dict[int, tuple[int, int]]]] = []
        for cuts, placed, _ in self.out.tracks():
            joins = overlaps(cuts, self.fps)
            self._row(video.add("track"), placed, joins)
            sounds = [each if each is not None and each.sounds else None for each in placed]
            if any(sounds):
                audio_rows.append((sounds, joins))
        audio_rows += [([each], {}) for each in self.out.music()]
        for row, joins in audio_rows:
            self._row(audio.add("track"), row, joins, sound=True)
        return document(root, "xmeml")

    def _row(
        self,
        track: Tag,
        placed: Sequence[Placed | None],
        joins: dict[int, tuple[int, int]],
        sound: bool = False,
    ) -> None:
        for k, found in enumerate(placed):
            if found is None:
                continue
            joined = k in joins and placed[k - 1] is not None
            after = k + 1 in joins and k + 1 < len(placed) and placed[k + 1] is not None
            if joined:
                self._join(track, found.start, *joins[k], sound)
            lead, tail = (joins[k][0] if joined else 0), (joins[k + 1][1] if after else 0)
            self._clip(track, found, lead, tail, joined, after, sound)

    def _rate(self, tag: Tag) -> None:
        rate = tag.add("rate")
        ntsc = self.fps.denominator != 1
        rate.add("timebase", -(-self.fps.numerator // self.fps.denominator))
        rate.add("ntsc", "TRUE" if ntsc else "FALSE")

    def _join(self, track: Tag, cut: int, before: int, after: int, sound: bool) -> None:
        made = track.add("transitionitem")
        made.add("start", cut - before)
        made.add("end", cut + after)
        made.add(
            "alignment", "start-black" if not before else "end-black" if not after else "center"
        )
        self._rate(made)
        effect = made.add("effect")
        if sound:
            effect.add("name", "Cross Fade ( 0dB)")
            effect.add("effectid", "KGAudioTransCrossFade0dB")
        else:
            effect.add("name", "Cross Dissolve")
            effect.add("effectid", "Cross Dissolve")
            effect.add("effectcategory", "Dissolve")
        effect.add("effecttype", "transition")
        effect.add("mediatype", "audio" if sound else "video")

    def _clip(
        self,
        track: Tag,
        found: Placed,
        lead: int,
        tail: int,
        joined: bool,
        after: bool,
        sound: bool,
    ) -> None:
        """A clip from ``lead`` frames before its cut to ``tail`` frames after the next one. The
        frames of its range count at its own speed."""
        self.count += 1
        if not found.path:
            made = track.add("generatoritem", id=f"clipitem-{self.count}")
        else:
            made = track.add("clipitem", id=f"clipitem-{self.count}")
        made.add("name", PurePath(found.path).name or found.item.name)
        made.add("enabled", "TRUE")
        length = found.end - found.start + lead + tail
        speed = abs(found.speed) or Fraction(1)
        first = max(0, round_half_up(found.exact / speed) - lead)
        made.add("duration", first + length)
        self._rate(made)
        made.add("start", -1 if joined else found.start)
        made.add("end", -1 if after else found.end)
        made.add("in", first)
        made.add("out", first + length)
        if found.path:
            self._file(made, found)
        else:
            effect = made.add("effect")
            effect.add("name", "Color")
            effect.add("effectid", "Color")
            effect.add("effecttype", "generator")
            effect.add("mediatype", "video")
            parameter = effect.add("parameter")
            parameter.add("parameterid", "fillcolor")
            parameter.add("name", "Color")
            value = parameter.add("value")
            for name, part in zip(("red", "green", "blue"), found.color or (0, 0, 0), strict=False):
                value.add(name, round(part * 255))
        if found.speed != 1:
            effect = made.add("filter").add("effect")
            effect.add("name", "Time Remap")
            effect.add("effectid", "timeremap")
            effect.add("effecttype", "motion")
            effect.add("mediatype", "video")
            reverse = "TRUE" if found.speed < 0 else "FALSE"
            for key, setting in (
                ("speed", f"{float(abs(found.speed)) * 100:.10g}"),
                ("reverse", reverse),
            ):
                parameter = effect.add("parameter")
                parameter.add("parameterid", key)
                parameter.add("value", setting)
        if sound:
            source = made.add("sourcetrack")
            source.add("mediatype", "audio")
            source.add("trackindex", 1)

    def _file(self, made: Tag, found: Placed) -> None:
        known = self.files.get(found.path)
        if known is not None:
            made.add("file", id=known)
            return
        name = self.files[found.path] = f"file-{len(self.files) + 1}"
        file = made.add("file", id=name)
        file.add("name", PurePath(found.path).name)
        file.add("pathurl", self.out.url(found.path))
        self._rate(file)
        media = getattr(found.item.content, "media", None)
        length = media.clip_length if media is not None else None
        if length is not None:
            file.add("duration", int(length * self.fps))
        kinds = file.add("media")
        kinds.add("video") if media is None or media.video is not None else None
        if media is not None and media.audio is not None:
            kinds.add("audio").add("channelcount", media.audio.channels)
