"""The assets of a spec, each probed once and checked for its use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vedc import ops
from vedc.color import FORMATS, Color, Transform
from vedc.edit.contents import Image
from vedc.edit.media_info import LARGEST_STILL, MediaInfo, Streams, VideoInfo
from vedc.edit.times import parse_rate
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.labels import with_article
from vedc.lang.resolve.sections.canvas import check_color, source_color
from vedc.lang.resolve.sections.color_management import ColorManagement
from vedc.lang.schema.fallback import needs_weights
from vedc.lang.yaml.tree import ANY, SpecNode
from vedc.ops import Param
from vedc.ops.looks.look_info import LookInfo
from vedc.support.file_patterns import listed
from vedc.support.suggest import did_you_mean


class Assets:
    """The assets of a canonical spec. Mistakes go to the problems of ``context``."""

    def __init__(self, tree: SpecNode, context: CheckContext, colors: ColorManagement) -> None:
        held = tree.get("assets")
        self.entries = dict(held.entries) if held is not None else {}
        self.complete = "assets" not in tree.lost and not (held and held.lost)
        self.files, self.problems = context.files, context.problems
        self._colors = colors
        profile = tree.get("profile")
        self._rate = profile.get("fps") if profile is not None else None
        self._clips: dict[str, MediaInfo | None] = {}
        self._weights = set(_weights(tree)) if self.entries else set()

    def asset(self, named: SpecNode) -> SpecNode | None:
        """The asset that a value names, else None (reported).

        A word that is not an asset may be a file without an extension.
        """
        found = self.entries.get(named.text)
        if found is None and self.complete and self.files.has(named.text):
            found = self.entries[named.text] = named.with_value({"src": named})
        if found is not None and found.broken:
            return None
        if found is None and self.complete:
            words = [w for w in (*self.entries, *self.files.names()) if w != named.text]
            near = did_you_mean(named.text, words)
            tail = f"; did you mean {near!r}?" if near else ""
            hint = None if near else "a file name has an extension; an id is declared under assets"
            message = f"there is no asset {named.text!r}{tail}"
            self.problems.add("unknown-asset", message, named, hint)
        return found

    def media(self, named: SpecNode) -> MediaInfo | None:
        asset = self.asset(named)
        if asset is None or asset.lost & {"stream", ANY}:
            return None
        chosen, rate = asset.get("stream"), asset.get("rate")
        if self.files.is_sequence(asset["src"]):
            return self._sequence(asset, rate or self._rate)
        if rate is not None:
            message = f"{named.text!r} is one file, which has a rate of its own"
            hint = "leave `rate` out; to play it faster or slower, write speed: 2"
            self.problems.add("not-a-sequence", message, rate, hint)
            return None
        if chosen is None:
            return self.files.media(asset["src"])
        streams = Streams(**{kind: int(node.number) for kind, node in chosen.entries.items()})
        return self.files.media(asset["src"], streams, chosen)

    def _sequence(self, asset: SpecNode, rate: SpecNode | None) -> MediaInfo | None:
        if "stream" in asset:
            message = f"{asset['src'].text!r} is an image sequence, which has no streams"
            self.problems.add("no-stream", message, asset["stream"], "leave `stream` out")
            return None
        if rate is None:
            if not asset.lost & {"rate", ANY}:
                message = (
                    f"{asset['src'].text!r} is an image sequence, which has no rate of its own"
                )
                hint = "write rate: 25 beside it, or profile: {fps: 25}"
                self.problems.add("no-rate", message, asset["src"], hint)
            return None
        return self.files.sequence(asset["src"], parse_rate(rate.value))

    def op_file(self, param: Param, named: SpecNode, call: SpecNode) -> Path | None:
        """A suitable file for a parameter of an op's call, else None (reported)."""
        if param.kind in ("picture", "palette"):
            image = self.image(named, "name a still picture")
            if image is not None and param.kind == "palette" and image.format != "rgba":
                message = f"{named.text!r} has more than 8 bits a channel, which a palette has not"
                self.problems.add("bad-palette", message, named, "save it as a PNG of 8 bits")
                return None
            return Path(image.path) if image is not None else None
        asset = self.asset(named)
        if asset is None:
            return None
        if param.kind == "weights":
            return self.files.weights(asset["src"], param.network, call, named)
        return self.files.table(asset["src"], named)

    def look(self, path: Path) -> LookInfo | None:
        """The info of a colour file that :meth:`op_file` found."""
        return self.files.look(path)

    def lacks(self, named: SpecNode) -> bool:
        """Whether the file of an asset is missing; reports nothing."""
        asset = self.entries.get(named.text)
        return asset is not None and not asset.broken and self.files.lacks(asset["src"])

    def clip_media(self, node: SpecNode) -> MediaInfo | None:
        """The file of a clip, if usable as one, else None (reported)."""
        return self.source(node["clip"])

    def source(self, named: SpecNode) -> MediaInfo | None:
        """The file to make clips from; None, reported, if it is unusable."""
        if named.text not in self._clips:
            self._clips[named.text] = self._checked_clip(named)
        return self._clips[named.text]

    def _checked_clip(self, named: SpecNode) -> MediaInfo | None:
        media = self.media(named)
        if media is None:
            return None
        if media.kind == "image":
            message = f"{named.text!r} is a still picture, not a clip"
            self.problems.add("not-a-clip", message, named, f"write image: {named.text}")
            return None
        if media.no_picture is not None:
            lost = media.no_picture
            self.problems.add(lost.code, lost.message, named, lost.hint)
            return None
        if media.video is not None:
            asset = self.entries[named.text]
            if asset.lost & {"color", ANY}:
                return media
            color = self.color(named, media.video)
            check_color(color, named.text, asset["src"], self.problems)
            if self.space(named, media.path) is None:
                self._colors.check_scene_light(color.transfer, asset["src"])
        return media

    def color(self, named: SpecNode, video: VideoInfo) -> Color:
        """The meaning of a file's samples, with overrides of the spec."""
        return source_color(video.color, self.entries[named.text].get("color"))

    def space(self, named: SpecNode, path: str) -> Transform | None:
        """The transform from code values to light, for a file with an OpenColorIO colour space."""
        return self._colors.source(self.entries[named.text], path)

    def check(self) -> list[Path]:
        """Every asset must exist, used or not, except weights: ops may have a fallback, and
        existing decisions need no network. Returns their paths."""
        found: list[Path] = []
        for name, asset in self.entries.items():
            if not asset.broken and self._is_spared(name, asset["src"]):
                continue
            path = self.files.existing(asset["src"]) if not asset.broken else None
            if path is not None and self.files.is_sequence(asset["src"]):
                found += map(Path, listed(path).files)
            elif path is not None:
                found.append(path)
        return found

    def _is_spared(self, name: str, source: SpecNode) -> bool:
        """Whether the file is missing and not needed."""
        wanted = name in self._weights or bool(self.files.pin(source))
        return wanted and self.files.lacks(source)

    def image(self, named: SpecNode, cure: str = "") -> Image | None:
        """A still picture, else None (reported, with the cure for another kind of file)."""
        media = self.media(named)
        if media is None:
            return None
        if media.kind != "image" or media.video is None:
            message = f"{named.text!r} is {with_article(media.kind)} file, not a still picture"
            self.problems.add("not-an-image", message, named, cure or f"write clip: {named.text}")
            return None
        width, height = media.video.display_size
        if width * height > LARGEST_STILL:
            message = f"{named.text!r} has {width}x{height} pixels, more than vedc reads"
            hint = f"make it smaller: at most {LARGEST_STILL:,} pixels"
            self.problems.add("image-too-large", message, named, hint)
            return None
        stored = FORMATS.get(media.video.pix_fmt)
        return Image(
            media.path,
            width,
            height,
            format=stored.name if stored is not None and stored.depth > 8 else "rgba",
            color=media.video.color,
            peak=media.video.peak,
            scalable=media.container == "svg",
            opaque=not FORMATS[media.video.format].alpha,
            notes=media.notes,
            space=self.space(named, media.path),
        )


def _weights(tree: SpecNode) -> Iterator[str]:
    """The assets that calls of ops name as weights."""
    if isinstance(tree.value, list):
        for child in tree.value:
            yield from _weights(child)
    elif isinstance(tree.value, dict):
        op, named = tree.value.get("op"), tree.value.get("asset")
        if op is not None and isinstance(op.value, str) and named is not None:
            yield from [named.text] if not named.broken and needs_weights(ops.get(op.value)) else ()
        for child in tree.value.values():
            yield from _weights(child)
