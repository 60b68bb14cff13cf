"""The open decisions of a spec: ``auto`` items and chosen transitions, as typed questions.

``vedc.decide`` answers them. Errors about the names in them are reported here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from vedc.captions.spoken import SpokenWord
from vedc.edit.media_info import MediaInfo
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time
from vedc.errors import SourceLocation
from vedc.lang.keys.auto import Cut, Join, Styled, cut_of, join_of, styled_of
from vedc.lang.keys.items import CHOSEN
from vedc.lang.language import ITEM
from vedc.lang.resolve.grades.lists import decided_steps
from vedc.lang.resolve.items.clip_time import Pace
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.items.timeline import Layout
from vedc.lang.resolve.played_music import (
    FilmMusic,
    PlayedMusic,
    Source,
    UnknownPlace,
    begins_with,
    is_muted,
)
from vedc.lang.resolve.reframe.asking import asks_reframe
from vedc.lang.resolve.resolve import open_scope
from vedc.lang.resolve.speech.asking import asks_said, asks_words, said_in
from vedc.lang.resolve.speech.cutting import check_cut_by_words, word_plain
from vedc.lang.resolve.speech.question import Said
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass

__all__ = [
    "Asked",
    "JoinQuestion",
    "PlayedMusic",
    "Question",
    "Source",
    "asks_anything",
    "questions",
]

#: What each measure and method of cutting needs from a source.
_NEEDS_SOUND = frozenset({"silence", "speech", "loudness", "words", "said"})
_NEEDS_PICTURE = frozenset(
    {"shots", "keyframes", "motion", "sharpness", "brightness", "colorfulness", "novelty"}
)
_Weighed = TypeVar("_Weighed", Cut, Join)


@dataclass(frozen=True, slots=True)
class Question:
    """The question of an ``auto`` item."""

    sources: tuple[Source, ...]
    cut: Cut
    join: Join | None
    """How to choose transitions between the clips; None: hard cuts."""
    rate: Fraction
    """Frames a second of the film."""
    music: Source | None
    """The music that cuts follow, for ``method: beats``; otherwise the source's own sound."""
    location: SourceLocation | None = None
    music_played: tuple[PlayedMusic, ...] = ()
    """Where it is heard in the film. If nowhere, it is assumed to begin with the item."""
    muted: bool = False
    """Whether the sources are silent in the film."""
    speed: Fraction = Fraction(1)
    """Seconds of the sources per second of film; lengths of the cut refer to the sources."""
    style: Styled | None = None
    said: tuple[tuple[SpokenWord, ...], ...] = ()
    """The words of each source, where the cut depends on them."""
    fades: tuple[bool, bool] = (False, False)
    """Whether the item itself sets how its sound begins and ends."""
    played: tuple[PlayedMusic, ...] = ()
    """What audio items play, which transitions follow where cuts do not."""

    @property
    def music_sources(self) -> tuple[Source, ...]:
        """The files of the music that the cuts or the transitions follow."""
        if self.music is not None:
            return (self.music,)
        return _sources((*self.music_played, *self.played))

    @property
    def followed(self) -> tuple[PlayedMusic, ...]:
        """The music that the cuts follow; none for that of the source itself."""
        if self.music_played or self.music is None:
            return self.music_played
        return (PlayedMusic(self.music, Fraction(0), self.music.end - self.music.begin),)


@dataclass(frozen=True, slots=True)
class JoinQuestion:
    """The question of a chosen transition: how to get from one clip to the next."""

    left: Source
    """The content of the clip before."""
    right: Source
    join: Join
    rate: Fraction
    location: SourceLocation | None = None
    played: tuple[PlayedMusic, ...] = ()
    """What audio items play, in seconds from the beginning of the clip before."""
    shown: Fraction = Fraction(0)
    """Seconds of the film until that clip ends, where anything is played."""

    @property
    def music_sources(self) -> tuple[Source, ...]:
        """The files of what is played."""
        return _sources(self.played)


def _sources(played: Sequence[PlayedMusic]) -> tuple[Source, ...]:
    return tuple({each.source.id: each.source for each in played}.values())


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question with its place in the spec."""

    node: SpecNode
    """The item that asks."""
    name: str
    """Its id, or its track and number: ``main[3]``."""
    question: Question | JoinQuestion
    plain: Any
    """The question as plain canonical data, without anything that cannot influence the answer."""
    waits: bool = False
    """Whether it must wait until the items before it are decided."""


def questions(
    root: SpecNode, context: CheckContext, *, joins: bool, said: Said | None = None
) -> list[Asked]:
    """The questions of a canonical spec, in order. ``said`` has the known words.

    With ``joins`` those of chosen transitions, which need every ``auto`` item decided; else
    those of ``auto`` items. Errors are added to the problems of ``context``.
    """
    return _Asking(root, context, said or {}).all(joins=joins)


def asks_anything(root: SpecNode, *, joins: bool = True) -> bool:
    """Whether a canonical spec has open decisions; with ``joins``, including those made once the
    clips are known: transitions, grades and crops."""
    asked = any(
        "auto" in item or (joins and ITEM.kind_of(item) == CHOSEN)
        for track in root["timeline"]["tracks"]
        for item in track["clips"]
    )
    return (
        asked
        or asks_said(root)
        or (
            joins
            and (any(True for _ in decided_steps(root)) or asks_reframe(root) or asks_words(root))
        )
    )


class _Asking:
    def __init__(self, tree: SpecNode, context: CheckContext, said: Said) -> None:
        self.files, self.problems, self.said = context.files, context.problems, said
        scope = open_scope(Document("", None, tree), context)
        self.assets = scope.assets
        self.tracks = [t for t in tree["timeline"]["tracks"] if enabled(t)]
        canvas = scope.canvas(SpecNode({}), tree["timeline"])
        self.rate = canvas.rate
        media_of = partial(scope.media_of, canvas)
        self.music = FilmMusic(tree, self.tracks, self.assets, media_of, self.rate)

    def all(self, *, joins: bool) -> list[Asked]:
        found: list[Asked] = []
        taken: dict[str, SpecNode] = {}
        for track in self.tracks:
            for index, node in enumerate(track["clips"]):
                if node.broken or node.lost:
                    continue
                name = f"{track['id'].text}[{index + 1}]"
                if ITEM.kind_of(node) == CHOSEN:
                    clips = track["clips"]
                    if self._has_neighbours(node, clips, index) and joins:
                        found += self._join(node, name, clips, index)
                elif not joins and "auto" in node:
                    if "id" in node:
                        name = node["id"].text
                    if name in taken:
                        message = f"two auto items are named {name!r}"
                        self.problems.add(
                            "same-id", message, node.get("id") or node, "give one another id"
                        )
                    taken[name] = node
                    found += self._cut(node, name, track)
        return found

    # Auto items

    def _cut(self, node: SpecNode, name: str, track: SpecNode) -> list[Asked]:
        auto = node["auto"]
        media = [self.assets.source(named) for named in auto["from"]]
        sources = [
            source
            for named, info in zip(auto["from"], media, strict=True)
            if info is not None and (source := self._source(named, info, auto)) is not None
        ]
        music = None
        if "music" in auto:
            asset = self.assets.source(auto["music"])
            if asset is not None and asset.audio is None:
                message = f"{auto['music'].text!r} has no sound"
                self.problems.add("no-sound", message, auto["music"], "name a file with music")
            elif asset is not None and (whole := asset.clip_length or asset.duration):
                music = Source(auto["music"].text, asset, Fraction(0), whole)
        self._once(auto["from"], media)
        if len(sources) != len(media) or not sources:
            return []
        whole = sum((source.end - source.begin for source in sources), Fraction(0))

        pace = Pace.of(node, self.problems)
        self._check_pace(node, pace)

        def seconds(value: SpecNode, key: str) -> Fraction:
            try:
                time = parse_time(value.value)
                of_film = key == "duration" and not time.needs_parent
                return time.seconds(self.rate, whole) * (pace.speed if of_film else 1)
            except ValueError as error:
                self.problems.add("bad-time", f"{key}: {error}", value)
                return Fraction(0)

        cut = cut_of(auto["cut"], seconds)
        join = join_of(auto.get("transition"), seconds)
        self._check(auto, cut, sources, whole, pace.speed)
        cut = self._weighed(cut, auto["cut"])
        if join is not None:
            join = self._weighed(join, auto["transition"])
        style = styled_of(auto.get("style"))
        if style is not None:
            style = replace(style, src=self._file(auto["style"]["src"]) or "")
        plain, waits = auto.plain(), False
        if pace.speed != 1:
            plain = {**plain, "speed": str(pace.speed)}
        followed: tuple[PlayedMusic, ...] = ()
        muted = is_muted(node) or is_muted(track)
        if muted and (cut.method == "highlights" or cut.duration is not None):
            plain = {**plain, "muted": True}  # pieces may then end in a word
        if cut.method == "beats" and (music is not None or muted):
            try:
                followed = self.music.played(node, music)
            except UnknownPlace:
                waits = True
            for altered in self.music.altered:
                message = "cuts can follow music only at its own speed, and here it has another"
                hint = "change the speed of the file: ffmpeg -i FILE -af atempo=1.1 OUT"
                self.problems.add("no-beats", message, altered, hint)
            if followed and not begins_with(followed, music):
                plain = {**plain, "heard": [h.plain() for h in followed]}
        played: tuple[PlayedMusic, ...] = ()
        if join is not None and join.duration is None and cut.method != "beats":
            with suppress(UnknownPlace):  # then transitions have their usual length
                played = self.music.played(node, None)
        if played:
            plain = {**plain, "played": [h.plain() for h in played]}
        said: tuple[tuple[SpokenWord, ...], ...] = ()
        fades = "fade_in" in node, "fade_out" in node
        if cut.asks_words:
            found = [said_in(auto["cut"], s.id, s.media, self.assets, self.said) for s in sources]
            said = tuple(words for words in found if words is not None)
            waits = waits or len(said) != len(sources)
            plain = {**plain, "said": [[word_plain(w) for w in words] for words in said]}
            plain = {**plain, **({"fades": list(fades)} if any(fades) else {})}
        if cut.method == "beats" and not followed and music is None and not waits:
            self._check_beats(auto["cut"], sources)
        at = auto.location
        question = Question(
            tuple(sources),
            cut,
            join,
            self.rate,
            music,
            at,
            followed,
            muted,
            pace.speed,
            style,
            said,
            fades,
            played,
        )
        return [Asked(node, name, question, plain, waits)]

    def _check_pace(self, node: SpecNode, pace: Pace) -> None:
        """Refuse choices that need clips at their own speed."""
        if pace == Pace(Fraction(1), backwards=False):
            return
        key = "speed" if "speed" in node else "reverse"
        asked = node["auto"]
        method = asked["cut"].get("method") if "cut" in asked else None
        if method is not None and method.value == "beats":
            message = f"{key!r} would take the cuts off the beats"
            hint = "leave it out, or cut by another method"
            self.problems.add("conflict", message, node[key].key_location, hint)
        if "transition" in asked:
            message = f"transitions are chosen for clips at their own speed, and {key!r} changes it"
            hint = "leave `transition` out, or the speed"
            self.problems.add("conflict", message, asked["transition"].key_location, hint)

    def _check_beats(self, cut: SpecNode, sources: Sequence[Source]) -> None:
        for source in sources:
            if source.media.audio is None:
                message = f"{source.id!r} has no sound, so its beats cannot be found"
                hint = "name the music to follow: music: FILE"
                self.problems.add("no-sound", message, cut, hint)

    def _once(self, named: SpecNode, media: Sequence[MediaInfo | None]) -> None:
        """Refuse a file named twice: the film would show the same footage twice."""
        seen: dict[str, str] = {}
        for node, info in zip(named, media, strict=True):
            if info is not None and info.path in seen:
                first = seen[info.path]
                same = "named twice" if first == node.text else f"the same file as {first!r}"
                message = f"{node.text!r} is {same}"
                self.problems.add("same-source", message, node, "name it once")
            elif info is not None:
                seen[info.path] = node.text

    def _weighed(self, asked: _Weighed, node: SpecNode) -> _Weighed:
        """A cut or a join with the file of weights that it names."""
        named = node.get("weights")
        at = named.location if named is not None else None
        return replace(asked, weights=self._file(named), weights_at=at)

    def _file(self, named: SpecNode | None) -> str | None:
        path = self.files.existing(named) if named is not None else None
        return str(path) if path is not None else None

    def _source(self, named: SpecNode, media: MediaInfo, auto: SpecNode) -> Source | None:
        whole = media.clip_length
        if whole is None:
            message = f"{named.text!r} has no known length, so it cannot be cut"
            self.problems.add("no-length", message, named, "remux it: ffmpeg -i IN -c copy OUT")
            return None
        rate = media.video.rate if media.video else self.rate
        ends = {"in": Fraction(0), "out": whole}
        for key in ends:
            if key in auto:
                try:
                    ends[key] = parse_time(auto[key].value, from_end=True).seconds(rate, whole)
                except ValueError as error:
                    self.problems.add("bad-time", f"{key}: {error}", auto[key])
                    return None
        begin, end = ends["in"], min(ends["out"], whole)
        if media.video:  # frames are whole
            begin, end = (Fraction(round(time * rate)) / rate for time in (begin, end))
        if ends["out"] > whole + 1 / rate:
            message = f"{named.text} is only {brief(whole)} long"
            self.problems.add("out-beyond-end", message, auto["out"], f"end at {brief(whole)}")
            return None
        if begin >= end:
            message = f"{named.text!r} has nothing between {brief(begin)} and {brief(end)}"
            at = auto.get("in") or auto.get("out") or named
            self.problems.add("in-after-out", message, at, "make the range longer")
            return None
        return Source(named.text, media, begin, end)

    def _check_idle(self, auto: SpecNode, cut: Cut) -> None:
        """Refuse keys that the method does not use: no key is ignored."""
        conditional = not isinstance(cut.keep, str)
        chosen = cut.keep == "best" or cut.duration is not None or cut.count is not None
        to_music = cut.method == "beats" and "music" in auto
        spoken = cut.method in ("silence", "speech")
        several = len({node.text for node in auto["from"]}) > 1
        uses = {
            "threshold": (cut.method == "silence", "only `method: silence` has one"),
            "min_silence": (spoken, "only `method: silence` and `speech` cut pauses out"),
            "every": (cut.method == "beats", "only `method: beats` counts beats"),
            "margin": (spoken or conditional, "only pauses and conditions have a margin"),
            "detector": (
                (not spoken and cut.method != "words") or chosen,
                "cutting by what is heard does not use shots",
            ),
            "spread": (
                several and (chosen or to_music),
                "only a choice among several sources can be spread",
            ),
        }
        for key, (used, why) in uses.items():
            if key in auto["cut"] and not used:
                message = f"{key!r} has no effect with `method: {cut.method}`: {why}"
                self.problems.add(
                    "no-effect", message, auto["cut"][key].key_location, "leave it out"
                )
        if "music" in auto and cut.method != "beats":
            message = f"'music' has no effect with `method: {cut.method}`: only beats follow music"
            self.problems.add(
                "no-effect", message, auto["music"].key_location, "use `method: beats`"
            )

    def _check(
        self, auto: SpecNode, cut: Cut, sources: list[Source], whole: Fraction, speed: Fraction
    ) -> None:
        self._check_idle(auto, cut)
        check_cut_by_words(auto["cut"], self.problems)
        node = auto["cut"]
        if cut.min_shot is not None and cut.max_shot is not None and cut.min_shot > cut.max_shot:
            message = (
                f"min_shot is {brief(cut.min_shot)}, more than max_shot, {brief(cut.max_shot)}"
            )
            self.problems.add("conflict", message, node["min_shot"], "set it below max_shot")
        if cut.duration is not None and cut.duration > whole:
            most = brief(whole / speed)
            wanted = brief(cut.duration / speed)
            message = f"{wanted} exceeds the total length of the sources, {most}"
            if speed != 1:
                message += " at their speed"
            self.problems.add("too-long", message, node["duration"], f"ask for at most {most}")
        if cut.duration == 0:
            self.problems.add("too-short", "duration must be more than 0", node["duration"])
        to_music = cut.method == "beats" and "music" in auto
        if cut.keep == "best" and cut.duration is None and cut.count is None and not to_music:
            message = "keep: best needs to know how much to keep"
            hint = "add a duration, such as duration: 30s, or a count"
            self.problems.add("no-length", message, node["keep"], hint)
        if "transition" in auto and any(source.media.video is None for source in sources):
            message = "transitions are chosen between pictures, and a source has none"
            hint = "leave `transition` out, and use fade_in and fade_out"
            self.problems.add("no-video", message, auto["transition"], hint)
        needed: set[str] = {cut.method} | (set() if isinstance(cut.keep, str) else _words(cut.keep))
        for what, needs in (("sound", _NEEDS_SOUND), ("picture", _NEEDS_PICTURE)):
            why = sorted(needed & needs)
            for source in sources if why else ():
                if (source.media.audio if what == "sound" else source.media.video) is None:
                    message = f"{source.id!r} has no {what}, so its {why[0]} cannot be found"
                    self.problems.add(f"no-{what}", message, node, "name another method or source")

    # Chosen transitions

    def _has_neighbours(self, node: SpecNode, clips: SpecNode, index: int) -> bool:
        """Whether there are two moving pictures to join, or items that become such; otherwise
        reported."""
        for where, at in (("before", index - 1), ("after", index + 1)):
            side = clips.items[at] if 0 <= at < len(clips.items) else None
            if side is not None and side.broken:
                return False
            if side is None:  # reported as a transition without a neighbour
                return False
            kind = ITEM.kind_of(side)
            if kind not in ("clip", "auto"):
                message = f"a chosen transition needs a clip {where} it, and there is a {kind}"
                hint = "name the transition: {transition: dissolve}"
                self.problems.add("no-choice", message, node, hint)
                return False
            if Pace.of(side, Problems()).backwards:
                message = f"a chosen transition compares moving pictures, and the clip {where} it "
                hint = "name the transition: {transition: dissolve}"
                self.problems.add("no-choice", f"{message}plays backwards", node, hint)
                return False
            if blind := self._without_picture(side):
                message = f"a chosen transition joins pictures, and {blind!r} {where} it has none"
                hint = "leave it out, and use fade_in and fade_out for the sound"
                self.problems.add("no-choice", message, node, hint)
                return False
        return True

    def _without_picture(self, side: SpecNode) -> str:
        """The file of a clip or an ``auto`` item without a picture; empty if it has one."""
        named = side["auto"]["from"] if "auto" in side else [side["clip"]]
        media = [self.assets.source(name) for name in named]
        blind = all(info is not None and info.video is None for info in media)
        return next(iter(named)).text if blind else ""  # missing ones are reported elsewhere

    def _join(self, node: SpecNode, name: str, clips: SpecNode, index: int) -> list[Asked]:
        sides = []
        for side in (clips.items[index - 1], clips.items[index + 1]):
            source = self._shown(side)
            if source is None:
                return []
            sides.append(source)
        join = join_of(node["transition"], lambda n, _: parse_time(n.value).seconds(self.rate))
        assert join is not None
        join = self._weighed(join, node["transition"])
        plain = [
            {**node["transition"].plain(), "name": "auto"},
            *([s.id, str(s.begin), str(s.end)] for s in sides),
        ]
        played: tuple[PlayedMusic, ...] = ()
        shown, waits = Fraction(0), False
        if join.duration is None:  # else its length does not hang on the music
            left = clips.items[index - 1]
            try:
                played = self.music.played(left, None)
                shown = self.music.length(left) if played else shown
            except UnknownPlace:
                # Once the transitions before it are decided, its place is known.
                waits = any(ITEM.kind_of(other) == CHOSEN for other in clips.items[:index])
        if played:
            plain += [[h.plain() for h in played], str(shown)]
        question = JoinQuestion(sides[0], sides[1], join, self.rate, node.location, played, shown)
        return [Asked(node, name, question, plain, waits)]

    def _shown(self, clip: SpecNode) -> Source | None:
        """The part of its file that a clip shows; None if unknown, which is reported elsewhere."""
        silent = Layout(self.rate, self.rate, self.assets.clip_media, ITEM.kind_of, Problems())
        placed, _ = silent.lay_out(SpecNode([clip]), None)
        media = placed[0].media
        if media is None or media.video is None or not placed[0].length_known:
            return None
        return Source(clip["clip"].text, media, *placed[0].time_map.source_range())


def _words(condition: Any) -> set[str]:
    if condition.parts:
        return {word for part in condition.parts for word in _words(part)}
    return {condition.kind}
