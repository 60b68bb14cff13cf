"""Captions of the film, its tracks and its clips, from the files and cues that a spec names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.captions.lines import too_fast_message
from vedc.edit.captions import LANGUAGES, CaptionFile, CaptionStream, Cue, Word
from vedc.edit.media_info import ProbeError
from vedc.edit.model import Output
from vedc.edit.tables.containers import container_for_extension, extension
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time
from vedc.errors import SourceLocation
from vedc.lang.form.spoken_captions import is_spoken
from vedc.lang.resolve.burned import Captions
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.item_values import Values
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.items.timing import ItemTiming
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.resolve.speech.film_cues import Stretch, film_cues, stretches_of
from vedc.lang.resolve.speech.in_place import SPOKEN
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an output carries captions."""

    how: str = ""
    """``burn``, ``stream`` or ``none``; by default as each says."""
    language: str | None = None
    """The language that ``burn`` burns in."""
    elsewhere: bool = False
    """Whether another output may burn captions that this one does not."""

    @classmethod
    def of(cls, output: SpecNode, tree: SpecNode) -> Wanted:
        """The caption settings of an output."""
        how = output["captions"].text if "captions" in output else ""
        outputs = tree["outputs"]
        asked = (each["captions"].text for each in outputs if "captions" in each)
        named = list(_all_captions(tree))
        first = next((each for each in named if _is(each, "default")), None)
        first = first or next(iter(named), None)
        language = first["language"].text if first is not None and "language" in first else None
        return cls(how, language, "burn" in asked)

    def burns(self, captions: SpecNode) -> bool:
        if self.how == "burn":
            language = captions["language"].text if "language" in captions else None
            return language == self.language
        return self.how == "" and _is(captions, "burn")


def _all_captions(tree: SpecNode) -> Iterator[SpecNode]:
    """Those of the film, its tracks and their items."""
    tracks = tree["timeline"]["tracks"]
    items = (item for track in tracks for item in track["clips"])
    for owner in (tree, *tracks, *items):
        if not owner.broken and "captions" in owner:
            yield from (each for each in owner["captions"] if not each.broken and enabled(each))


_CURE: Final = "burn them into this file, captions: burn, or leave them out, captions: none"


class CaptionResolver:
    """Reads the captions of one output; ``warnings`` collects remarks."""

    def __init__(self, context: CheckContext, assets: Assets, warnings: Problems) -> None:
        self.read, self.problems, self.warnings = context.read_captions, context.problems, warnings
        self.assets = assets
        self.soft: list[Captions] = []
        self.open: list[SpecNode] = []
        """Captions from speech whose words are undecided."""
        self.wanted = Wanted()
        self._speech: list[tuple[SpecNode, Stretch]] = []
        self._names: dict[str, str] = {}
        self._files: dict[tuple[Path, str | None], CaptionFile | None] = {}

    def take(
        self, node: SpecNode | None, values: Values, placed: ItemTiming | None = None
    ) -> tuple[Captions, ...]:
        """Read a ``captions`` key, if there is one; returns those to burn in.

        Captions of the clip ``placed`` count in its file's time.
        """
        burned = []
        for each in node or ():
            if each.broken or not enabled(each) or self.wanted.how == "none":
                continue
            if is_spoken(each) and SPOKEN not in each:
                self._unanswered(each, placed)
                continue
            if SPOKEN in each and placed is not None:
                self._speech += ((each, stretch) for stretch in stretches_of(each, placed))
                continue
            cues = self._cues(each, values)
            if cues is None:
                continue
            if placed is not None:
                cues = _through(cues, placed)
            elif values.sure:
                cues = self._within(each, cues, values.length)
            captions = Captions(
                each, cues, self._names.get(each["src"].text, None) if "src" in each else None
            )
            if self._burns(captions):
                burned.append(captions)
        return tuple(burned)

    def speech(self, film: Fraction | None) -> tuple[Captions, ...]:
        """Captions from the speech of the clips taken since the last call; returns those to burn
        in. ``film``: the seconds of the film, if they are known."""
        rivals: dict[object, list[Stretch]] = {}
        for node, stretch in self._speech:
            rivals.setdefault(_stream_key(node), []).append(stretch)
        nodes = {stretch.source: node for node, stretch in self._speech}
        self._speech = []
        cues: dict[int, list[Cue]] = {}
        for found in rivals.values():
            for source, cue in film_cues(found, film):
                cues.setdefault(id(nodes[source]), []).append(cue)
        burned = []
        for node in nodes.values():
            captions = Captions(node, tuple(cues.pop(id(node), ())), None)
            if captions.cues:
                if message := too_fast_message(captions.cues):
                    hint = "play it slower, or shorten its words under `say` in vedc.lock"
                    self.warnings.warn("fast-speech", message, node, hint)
                if self._burns(captions):
                    burned.append(captions)
        return tuple(burned)

    def _burns(self, captions: Captions) -> bool:
        """Whether captions are burned in; otherwise they are kept for a stream."""
        node = captions.node
        if self.wanted.burns(node):
            return True
        if SPOKEN in node:  # players draw them, and mark no words
            plain = tuple(replace(cue, words=()) for cue in captions.cues)
            captions = replace(captions, cues=plain)
        if not (_is(node, "burn") or self.wanted.elsewhere):
            self._check_plain(node)
        self.soft.append(captions)
        return False

    def _unanswered(self, node: SpecNode, placed: ItemTiming | None) -> None:
        """Record captions of clips whose words are not yet known, and report those without a
        clip."""
        if placed is not None and "clip" in placed.node:
            self.open.append(node)
        elif "of" in node:
            message = f"there is no track {node['of'].text!r} that has clips"
            hint = "name a track by its id, or leave `of` out for the first"
            self.problems.add("unknown-track", message, node["of"], hint)
        else:
            message = "only clips have words of their own"
            self.problems.add("no-decision", message, node, "give these captions to a clip")

    def _check_plain(self, node: SpecNode) -> None:
        """Report keys without meaning for captions that players draw."""
        for key in ("style", "highlight"):
            if key in node and "burn" not in node.lost:
                message = f"{key!r} is for captions that are burned in: players draw others"
                hint = "write burn: true, or leave it out"
                self.problems.add("not-burned", message, node[key].key_location, hint)

    def _cues(self, node: SpecNode, values: Values) -> tuple[Cue, ...] | None:
        """The cues of a mapping, moved by its offset; None where they cannot be read."""
        if "cues" in node:
            cues = self._in_place(node["cues"], values)
        elif "src" in node:
            file = self._file(node)
            if file is None:
                return None
            cues = file.cues
        else:  # malformed, and reported
            return None
        shift = self._shift(node, values)
        if shift is None:
            return None
        moved = (replace(cue, start=cue.start + shift, end=cue.end + shift) for cue in cues)
        return tuple(
            replace(
                cue,
                start=max(cue.start, Fraction(0)),
                words=tuple(replace(word, time=word.time + shift) for word in cue.words),
            )
            for cue in moved
            if cue.end > 0
        )

    def _shift(self, node: SpecNode, values: Values) -> Fraction | None:
        if "offset" not in node:
            return Fraction(0)
        time = parse_time(node["offset"].value, negative=True)
        if time.needs_rate and not values.rate_known:
            return None
        try:
            return time.seconds(values.rate)
        except ValueError as error:
            self.problems.add("bad-time", f"offset: {error}", node["offset"])
            return None

    def _in_place(self, nodes: SpecNode, values: Values) -> tuple[Cue, ...]:
        from vedc.captions.srt import cue_of

        made = []
        for node in nodes:
            if not (values.knows(node["start"]) and values.knows(node["end"])):
                continue
            start = values.seconds(node["start"], "start")
            end = values.seconds(node["end"], "end")
            if end <= start:
                message = f"the cue ends at {brief(end)}, and begins at {brief(start)}"
                self.problems.add("empty-cue", message, node["end"], "give a later end")
                continue
            cue = cue_of(node["text"].text, start, end)
            if cue.text:
                made.append(cue)
        return tuple(sorted(made, key=lambda cue: cue.start))

    def _file(self, node: SpecNode) -> CaptionFile | None:
        """The file that a mapping names, else None (reported)."""
        asset = self.assets.asset(node["src"])
        path = None if asset is None else self.assets.files.existing(asset["src"])
        if path is None:
            return None
        given = node.get("encoding")
        key = path, None if given is None else given.text
        if key not in self._files:
            self._files[key] = self._read(node["src"], *key)
        return self._files[key]

    def _read(self, named: SpecNode, path: Path, encoding: str | None) -> CaptionFile | None:
        try:
            file = self.read(path, encoding)
        except ProbeError as error:
            self.problems.add(error.code, error.message, named, error.hint)
            return None
        name = self._names[named.text] = _shown(path)
        for note in file.notes:
            at = SourceLocation(name, note.line)
            self.warnings.warn(note.code, note.message, at, note.hint)
        return file

    def _within(self, node: SpecNode, cues: tuple[Cue, ...], film: Fraction) -> tuple[Cue, ...]:
        """The cues of a film of that length; cues outside it are reported."""
        late = [cue for cue in cues if cue.start >= film]
        if late:
            many = "1 caption is" if len(late) == 1 else f"{len(late)} captions are"
            message = f"{many} beyond the film's end at {brief(film)}, the first at "
            message += brief(late[0].start)
            at = node.get("src") or node["cues"]
            hint = "move them with offset, or check that they belong to this film"
            self.warnings.warn("captions-beyond-end", message, at, hint)
        return tuple(replace(cue, end=min(cue.end, film)) for cue in cues if cue.start < film)

    def streams(self, output: Output) -> tuple[CaptionStream, ...]:
        """The caption streams of an output's file."""
        if not self.soft or output.form in ("picture", "sound", "sheet"):
            return ()
        ending = extension(output.path)
        container = container_for_extension(ending)
        if container is None or not container.captions:
            message, at = f"{ending} files carry no captions", output.location or self.soft[0].node
            if self.wanted.how == "burn":
                message += ": those of other languages than the burned-in ones are left out"
                hint = "write another output for them, or a file such as .mp4 that carries them"
                self.warnings.note("captions-left-out", message, at, hint)
            else:
                self.problems.add("captions-not-carried", message, at, _CURE)
            return ()
        groups: dict[tuple[object, ...], list[Captions]] = {}
        for captions in self.soft:
            groups.setdefault(_stream_key(captions.node), []).append(captions)
        return tuple(self._stream(group, container.captions, ending) for group in groups.values())

    def _stream(
        self, group: Sequence[Captions], codecs: Sequence[str], ending: str
    ) -> CaptionStream:
        node = group[0].node
        cues = sorted((cue for each in group for cue in each.cues), key=lambda cue: cue.start)
        styled = any(cue.look or cue.place or cue.words for cue in cues)
        codec = "ass" if styled and "ass" in codecs else codecs[0]
        lost = _lost(cues, codec)
        if lost:
            message = (
                f"captions in {ending} files have no {lost}: players show them in their own way"
            )
            self.warnings.warn("captions-plain", message, node, "write .mkv to keep them")
        language = node.get("language")
        title = node.get("title")
        return CaptionStream(
            codec,
            tuple(cues),
            None if language is None else _code(language.text),
            None if title is None else title.text,
            _is(node, "default"),
            _is(node, "forced"),
        )


def _stream_key(node: SpecNode) -> tuple[object, ...]:
    """Captions of a film's clips with equal keys form one stream."""
    labels = tuple(node[key].text if key in node else None for key in ("language", "title"))
    return (*labels, _is(node, "default"), _is(node, "forced"))


def _is(node: SpecNode, key: str) -> bool:
    return key in node and node[key].value is True


def _code(language: str) -> str:
    """ISO 639-2 of a code such as pt-BR."""
    first = language.split("-")[0].lower()
    return LANGUAGES.get(first, first)


def _lost(cues: Iterable[Cue], codec: str) -> str:
    """Styles of cues that a codec does not carry."""
    if codec == "ass":
        return ""
    cues = list(cues)
    found = []
    if codec != "subrip" and any(span.color for cue in cues for span in cue.spans):
        found.append("colours")
    if any(cue.look for cue in cues):
        found.append("styles")
    if any(cue.place for cue in cues):
        found.append("places")
    if any(cue.words for cue in cues):
        found.append("times of words")
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def _through(cues: Iterable[Cue], placed: ItemTiming) -> tuple[Cue, ...]:
    """Cues of a file where a clip shows them, in time of the film.

    A cue has one stretch for each time it is shown; backwards, its words have no times.
    """
    parts = list(placed.time_map.parts(0, placed.length))
    shown = []
    for cue in cues:
        stretches: list[Cue] = []
        for part in parts:
            assert part.end is not None
            begin, end = part.begin, part.end
            words: tuple[Word, ...] = ()
            if part.slope:
                ends = [begin + (time - part.source) / part.slope for time in (cue.start, cue.end)]
                begin, end = max(begin, min(ends)), min(end, max(ends))
            elif not cue.start <= part.source < cue.end:
                continue
            if begin >= end:
                continue
            if part.slope > 0:
                words = tuple(
                    replace(word, time=part.begin + (word.time - part.source) / part.slope)
                    for word in cue.words
                )
            last = stretches[-1] if stretches else None
            if last is not None and last.end == begin:
                inside = tuple(word for word in words if word.time >= begin)
                kept = tuple(word for word in last.words if word.time < begin)
                stretches[-1] = replace(last, end=end, words=kept + inside)
            else:
                stretches.append(replace(cue, start=begin, end=end, words=words))
        shown += stretches
    moved = (
        replace(
            cue,
            start=cue.start + placed.start,
            end=cue.end + placed.start,
            words=tuple(replace(word, time=word.time + placed.start) for word in cue.words),
        )
        for cue in shown
    )
    return tuple(sorted(moved, key=lambda cue: cue.start))


def _shown(path: Path) -> str:
    """A path as named in messages: relative to the working folder, if below it."""
    near = os.path.relpath(path)
    return str(path) if near.startswith("..") else near
