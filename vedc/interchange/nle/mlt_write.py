"""A resolved edit as MLT XML, which Shotcut and Kdenlive read, and ``melt`` plays.

MLT counts frames of the film everywhere, and its ``out`` is the last frame that is shown.
"""

from __future__ import annotations

from pathlib import Path

from vedc.edit.model import Edit
from vedc.edit.times import round_half_up
from vedc.interchange.common.losses import Losses
from vedc.interchange.nle.out import Out, Placed, overlaps
from vedc.interchange.nle.xml_text import Tag, document
from vedc.lang.yaml.load import Document


def write(edit: Edit, doc: Document, target: Path, losses: Losses) -> str:
    return _Writer(edit, doc, target, losses).text()


class _Writer:
    def __init__(self, edit: Edit, doc: Document, target: Path, losses: Losses) -> None:
        self.out, self.edit = Out(edit, doc, target, losses), edit
        self.fps = edit.profile.fps
        self.root = Tag("mlt", {"LC_NUMERIC": "C", "producer": "film", "title": self.out.name})
        self.count = 0
        self.leads: dict[int, int] = {}
        """Frames before the cut at which a clip begins in its transition, by its id."""

    def text(self) -> str:
        profile = self.edit.profile
        self.root.add(
            "profile", description=self.out.name, width=profile.width, height=profile.height,
            progressive=1, sample_aspect_num=1, sample_aspect_den=1,
            display_aspect_num=profile.width, display_aspect_den=profile.height,
            frame_rate_num=self.fps.numerator, frame_rate_den=self.fps.denominator,
            colorspace=709,
        )  # fmt: skip
        black = self.root.add("producer", id="black", in_=0, out=self.edit.duration - 1)
        for key, value in (
            ("resource", "black"),
            ("mlt_service", "color"),
            ("length", self.edit.duration),
        ):
            black.add("property", value, name=key)
        names = [self._track(cuts, placed) for cuts, placed, _ in self.out.tracks()]
        sounds = [self._sound(each) for each in self.out.music()]
        film = Tag("tractor", {"id": "film", "in": "0", "out": str(self.edit.duration - 1)})
        film.add("track", producer="black")
        for name in names:
            film.add("track", producer=name)
        for name in sounds:
            film.add("track", producer=name, hide="video")
        for k in range(1, len(names) + len(sounds) + 1):
            mix = film.add("transition")
            for key, value in (
                ("a_track", 0),
                ("b_track", k),
                ("mlt_service", "mix"),
                ("sum", 1),
                ("always_active", 1),
            ):
                mix.add("property", value, name=key)
            if k <= len(names):
                blend = film.add("transition")
                options: dict[str, object] = {"mlt_service": "composite", "progressive": 1}
                options |= {"fill": 1, "distort": 0}
                options |= {"a_track": 0, "b_track": k, "always_active": 1}
                for option, setting in options.items():
                    blend.add("property", setting, name=option)
        self.root.children.append(film)
        return document(self.root)

    def _producer(self, found: Placed, length: int) -> str:
        """A producer for a piece's content, long enough for its frame ``length``."""
        self.count += 1
        if found.speed < 0:  # it counts backwards from the end of its producer
            length = self._lead(found) + self._begin(found) + found.end - found.start
        name = f"producer{self.count}"
        made = self.root.add("producer", id=name, in_=0, out=length - 1)
        if not found.path:
            parts = [round(part * 255) for part in (found.color or (0, 0, 0, 1))]
            resource = f"#{parts[3]:02x}{parts[0]:02x}{parts[1]:02x}{parts[2]:02x}"
            properties = {"resource": resource, "mlt_service": "color"}
        elif type(found.item.content).__name__ == "Image":
            properties = {"resource": self.out.relative(found.path), "mlt_service": "qimage"}
        else:
            properties = {"resource": self.out.relative(found.path), "mlt_service": "avformat"}
            if found.speed not in (0, 1):
                speed = f"{float(found.speed):.10g}"
                properties = {
                    "resource": f"{speed}:{properties['resource']}", "mlt_service": "timewarp",
                    "warp_speed": speed, "warp_resource": properties["resource"],
                }  # fmt: skip
            if not found.sounds:
                properties["audio_index"] = "-1"
        properties["length"] = str(length)
        for key, value in properties.items():
            made.add("property", value, name=key)
        return name

    def _first(self, found: Placed) -> int:
        """The frame of its producer, which plays at its own speed, at its cut."""
        if found.speed == 0:  # it plays on
            return found.first
        return self._lead(found) if found.speed < 0 else self._begin(found)

    def _begin(self, found: Placed) -> int:
        """Where its range begins, in frames at its speed."""
        return round_half_up(found.exact / abs(found.speed))

    def _lead(self, found: Placed) -> int:
        return self.leads.get(id(found), 0)

    def _track(self, cuts: object, placed: list[Placed | None]) -> str:
        joins = overlaps(cuts, self.fps)  # type: ignore[arg-type]
        self.count += 1
        playlist = Tag("playlist", {"id": f"playlist{self.count}"})
        at = 0
        for k, found in enumerate(placed):
            if found is not None and k in joins and placed[k - 1] is not None:
                self.leads[id(found)] = joins[k][0]
        for k, found in enumerate(placed):
            if found is None:
                continue
            joined = k in joins and k > 0 and placed[k - 1] is not None
            after = k + 1 in joins and k + 1 < len(placed) and placed[k + 1] is not None
            begin = found.start + (joins[k][1] if joined else 0)
            end = found.end - (joins[k + 1][0] if after else 0)
            if joined and (before := placed[k - 1]) is not None:
                playlist.add(
                    "entry",
                    producer=self._mix(before, found, *joins[k]),
                    in_=0,
                    out=sum(joins[k]) - 1,
                )
                at = begin
            if found.start > at and not joined:
                playlist.add("blank", length=found.start - at)
            first = self._first(found) + (begin - found.start)
            if end > begin:
                name = self._producer(found, first + end - begin)
                playlist.add("entry", producer=name, in_=first, out=first + end - begin - 1)
            at = end
        self.root.children.append(playlist)
        return playlist.attributes["id"]

    def _mix(self, left: Placed, right: Placed, before: int, after: int) -> str:
        """A dissolve, as a separate film."""
        length = before + after
        self.count += 1
        made = Tag("tractor", {"id": f"mix{self.count}", "in": "0", "out": str(length - 1)})
        cut = left.end - left.start
        for found, first in (
            (left, self._first(left) + cut - before),
            (right, self._first(right) - before),
        ):
            first = max(0, first)
            name = self._producer(found, first + length)
            made.add("track", producer=name, in_=first, out=first + length - 1)
        for service in ("luma", "mix"):
            transition = made.add("transition", in_=0, out=length - 1)
            for key, value in (("a_track", 0), ("b_track", 1), ("mlt_service", service)):
                transition.add("property", value, name=key)
            if service == "mix":
                transition.add("property", -1, name="start")
        self.root.children.append(made)
        return made.attributes["id"]

    def _sound(self, found: Placed) -> str:
        self.count += 1
        playlist = Tag("playlist", {"id": f"playlist{self.count}"})
        if found.start:
            playlist.add("blank", length=found.start)
        length = found.end - found.start
        name = self._producer(found, found.first + length)
        playlist.add("entry", producer=name, in_=found.first, out=found.first + length - 1)
        self.root.children.append(playlist)
        return playlist.attributes["id"]
