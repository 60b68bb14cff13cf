"""A resolved edit as the XML of Final Cut Pro X: the lowest track is the primary storyline, the
others are storylines connected to its first element."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path, PurePath

from vedc.edit.model import Edit
from vedc.interchange.common.losses import Losses
from vedc.interchange.nle.out import Out, Placed, overlaps
from vedc.interchange.nle.xml_text import Tag, document
from vedc.lang.yaml.load import Document


def write(edit: Edit, doc: Document, target: Path, losses: Losses) -> str:
    return _Writer(edit, doc, target, losses).text()


class _Writer:
    def __init__(self, edit: Edit, doc: Document, target: Path, losses: Losses) -> None:
        self.out, self.edit = Out(edit, doc, target, losses), edit
        self.losses, self.fps = losses, edit.profile.fps
        self.root = Tag("fcpxml", {"version": "1.9"})
        self.resources = self.root.add("resources")
        self.assets: dict[str, str] = {}

    def _time(self, frames: Fraction | int) -> str:
        seconds = Fraction(frames) / self.fps
        return (
            f"{seconds.numerator}/{seconds.denominator}s"
            if seconds.denominator > 1
            else f"{seconds}s"
        )

    def text(self) -> str:
        profile = self.edit.profile
        self.resources.add(
            "format",
            id="r1",
            frameDuration=self._time(1),
            width=profile.width,
            height=profile.height,
        )
        event = self.root.add("library").add("event", name=self.out.name)
        sequence = event.add("project", name=self.out.name).add(
            "sequence",
            format="r1",
            duration=self._time(self.edit.duration),
            tcStart="0s",
            tcFormat="NDF",
        )
        spine = sequence.add("spine")
        rows = [(cuts, placed) for cuts, placed, _ in self.out.tracks()]
        for lane, (cuts, placed) in enumerate(rows):
            place = spine
            if lane:
                place = Tag("spine", {"lane": str(lane), "offset": self._origin(spine)})
            self._row(place, placed, overlaps(cuts, self.fps))
            if lane and place.children:
                spine.children[0].children.append(place)
            if not lane and not spine.children:
                spine.add(
                    "gap",
                    name="Gap",
                    offset="0s",
                    start="0s",
                    duration=self._time(self.edit.duration),
                )
        for k, found in enumerate(self.out.music()):
            clip = self._clip(found)
            clip.attributes.update(lane=str(-1 - k), offset=self._origin(spine, found.start))
            spine.children[0].children.append(clip)
        for child in spine.children:
            # The order of the format: time map, then connected clips.
            child.children.sort(key=lambda each: each.name not in ("timeMap",))
        return document(self.root, "fcpxml")

    def _origin(self, spine: Tag, frame: int = 0) -> str:
        """A frame of the film in the time of the first element of the primary storyline."""
        start = spine.children[0].attributes["start"].rstrip("s")
        return self._time(Fraction(start) * self.fps + frame)

    def _row(
        self, spine: Tag, placed: list[Placed | None], joins: dict[int, tuple[int, int]]
    ) -> None:
        at = 0
        for k, found in enumerate(placed):
            if found is None:
                continue
            if found.start > at:
                spine.add(
                    "gap",
                    name="Gap",
                    offset=self._time(at),
                    start="0s",
                    duration=self._time(found.start - at),
                )
            if k in joins and k and placed[k - 1] is not None:
                begin = self._time(found.start - joins[k][0])
                length = self._time(sum(joins[k]))
                spine.add("transition", name="Cross Dissolve", offset=begin, duration=length)
            spine.children.append(self._clip(found))
            at = found.end

    def _clip(self, found: Placed) -> Tag:
        length = found.end - found.start
        if not found.path:
            self.losses.add("lost", f"the colour {found.item.name}", "a gap")
            return Tag("gap", {"name": "Gap", "offset": self._time(found.start), "start": "0s",
                               "duration": self._time(length)})  # fmt: skip
        image = type(found.item.content).__name__ == "Image"
        kind = "video" if image else "asset-clip"
        speed = abs(found.speed) or Fraction(1)
        exact = (found.piece.source or Fraction(0)) * self.fps
        start = exact if found.speed == 1 else exact / speed
        made = Tag(kind, {
            "ref": self._asset(found), "name": PurePath(found.path).name,
            "offset": self._time(found.start),
            "start": self._time(start), "duration": self._time(length),
        })  # fmt: skip
        if not image and not found.sounds:
            made.attributes["audioRole"] = ""
            del made.attributes["audioRole"]
            made.attributes["srcEnable"] = "video"
        if found.speed not in (1, 0):
            whole = start + length
            times = made.add("timeMap")
            ends = (
                (Fraction(0), whole * speed)
                if found.speed > 0
                else (2 * exact + length * speed, exact * 2 + length * speed - whole * speed)
            )
            for time, value in ((Fraction(0), ends[0]), (whole, ends[1])):
                times.add("timept", time=self._time(time), value=self._time(value), interp="linear")
        elif found.speed == 0:
            self.losses.add("changed", f"the freeze frame {found.item.name}", "the clip plays on")
        return made

    def _asset(self, found: Placed) -> str:
        known = self.assets.get(found.path)
        if known is not None:
            return known
        name = self.assets[found.path] = f"r{len(self.assets) + 2}"
        media = getattr(found.item.content, "media", None)
        length = media.clip_length if media is not None else None
        made = self.resources.add("asset", id=name, name=PurePath(found.path).name, start="0s")
        if length is not None:
            made.attributes["duration"] = f"{length.numerator}/{length.denominator}s"
        if media is None or media.video is not None:
            made.attributes.update(hasVideo="1", format="r1")
        if media is not None and media.audio is not None:
            made.attributes.update(
                hasAudio="1", audioSources="1", audioChannels=str(media.audio.channels)
            )
        made.add("media-rep", kind="original-media", src=self.out.url(found.path))
        return name
