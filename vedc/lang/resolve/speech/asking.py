"""The words that cuts and captions of clips need, once every clip is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from vedc.captions.spoken import SpokenWord
from vedc.edit.media_info import MediaInfo
from vedc.lang.form.spoken_captions import is_spoken
from vedc.lang.keys.auto import asks_asides, method_of
from vedc.lang.keys.auto import asks_said as keeps_said
from vedc.lang.keys.sound.said import SAID_KEYS
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.resolve.speech.cutting import check_cut_by_words
from vedc.lang.resolve.speech.question import AskedWords, Said, Way, WordsQuestion
from vedc.lang.yaml.tree import Problems, SpecNode

#: The folder of a project in which ``vedc model add`` puts models.
MODELS = "models"

Place = tuple[int, int, int]


def asks_words(root: SpecNode) -> bool:
    """Whether a canonical spec has captions made from speech."""
    return any(True for _ in _spoken(root))


def _spoken(root: SpecNode) -> Iterator[tuple[Place, SpecNode, SpecNode]]:
    """The enabled captions made from speech: their place, the item, and their node."""
    for number, track in enumerate(root["timeline"]["tracks"]):
        if not enabled(track):
            continue
        for index, item in enumerate(track["clips"]):
            if item.broken or not enabled(item):
                continue
            for each, captions in enumerate(item.get("captions") or ()):
                if is_spoken(captions) and enabled(captions):
                    yield (number, index, each), item, captions


def words_asked(root: SpecNode, assets: Assets, problems: Problems) -> list[AskedWords]:
    """The questions of captions: one for each file and way to find its words. Errors go to
    ``problems``."""
    asking = _Asking(assets, problems)
    silent: list[SpecNode] = []
    for place, item, captions in _spoken(root):
        media = assets.clip_media(item) if "clip" in item else None
        if media is None:
            continue
        if media.audio is None:  # nothing is said in it
            silent.append(captions)
            continue
        asking.ask(captions, item["clip"].text, media, place=place)
    if silent and not asking.found:
        message = "none of the clips has sound, so nothing is said in them"
        hint = "give these captions to the track that speaks: of: ID"
        problems.add("no-sound", message, silent[0], hint)
    return list(asking.found.values())


def asks_said(root: SpecNode) -> bool:
    """Whether a canonical spec cuts clips by their words."""
    return any(True for _ in _cut_by_words(root))


def _cut_by_words(root: SpecNode) -> Iterator[tuple[SpecNode, SpecNode, bool]]:
    """Cuts by words: the item, the node with the source of words, and whether asides count."""
    for track in root["timeline"]["tracks"]:
        if not enabled(track):
            continue
        for item in track["clips"]:
            if item.broken or not enabled(item):
                continue
            if any(key in item for key in SAID_KEYS):
                yield item, item, False
            elif "auto" in item and not item.lost:
                cut = item["auto"]["cut"]
                if method_of(cut) == "words" or keeps_said(cut.get("keep")):
                    yield item, cut, asks_asides(cut)


def said_asked(root: SpecNode, assets: Assets, problems: Problems) -> list[AskedWords]:
    """The questions of cuts by words, as for :func:`words_asked`."""
    asking = _Asking(assets, problems)
    for item, holder, asides in _cut_by_words(root):
        if holder is not item:
            check_cut_by_words(holder, problems)
        for named, media in _sources(item, assets):
            if media is not None and media.audio is None:
                message = f"{named.text!r} has no sound, so nothing is said in it"
                problems.add("no-sound", message, named, "name a file with sound")
            elif media is not None:
                asking.ask(holder, named.text, media, asides=asides)
    return list(asking.found.values())


def _sources(item: SpecNode, assets: Assets) -> list[tuple[SpecNode, MediaInfo | None]]:
    if "auto" in item:
        return [(named, assets.source(named)) for named in item["auto"]["from"]]
    return [(item["clip"], assets.clip_media(item))]


def said_in(
    holder: SpecNode, source: str, media: MediaInfo, assets: Assets, said: Said
) -> tuple[SpokenWord, ...] | None:
    """The words of a source, found as ``holder`` says; None where they are not known."""
    question = _question(holder, source, media, assets, Problems())
    return None if question is None else said.get(question.way)


class _Asking:
    """Questions about words, each asked once."""

    def __init__(self, assets: Assets, problems: Problems) -> None:
        self.assets, self.problems = assets, problems
        self.found: dict[Way, AskedWords] = {}
        self._scripts: dict[Path, str] = {}

    def ask(
        self,
        holder: SpecNode,
        source: str,
        media: MediaInfo,
        *,
        place: Place | None = None,
        asides: bool = False,
    ) -> None:
        """Ask for the words of a file, found as ``holder`` says."""
        question = _question(holder, source, media, self.assets, self.problems)
        if question is None:
            return
        script = question.script
        first = self._scripts.setdefault(script, source) if script else source
        if first != source:
            message = f"a script is what is said in one file, and here it is {first!r} and "
            message += repr(source)
            hint = "give each of them a script of its own, in an item of its own"
            self.problems.add("conflict", message, holder["script"], hint)
            return
        before = self.found.get(question.way)
        places = (*(before.places if before else ()), *([place] if place else []))
        asides = asides or (before is not None and before.question.asides)
        question = replace(before.question if before else question, asides=asides)
        way = holder["script"].text if script else "speech"
        name = f"{source}, {way}"
        if question.language:
            name += f" {question.language}"
        plain = [source, question.way[1], way, question.language]
        plain += [*([question.digest] if question.digest else []), *(["asides"] if asides else [])]
        self.found[question.way] = AskedWords(holder, name, question, plain, places)


def _question(
    holder: SpecNode, source: str, media: MediaInfo, assets: Assets, problems: Problems
) -> WordsQuestion | None:
    script = None
    language = holder["language"].text.split("-")[0].lower() if "language" in holder else ""
    if "script" in holder:
        script = assets.files.existing(holder["script"])
        if script is None:
            return None
        if language not in ("", "en"):
            message = f"a script can be followed in English, not in {language!r}"
            hint = "have the words recognised: from: speech"
            problems.add("conflict", message, holder["language"], hint)
            return None
        language = ""
    model, digest = None, ""
    if "model" in holder:
        found = assets.files.speech_model(holder["model"])
        if found is None:
            return None
        model, digest = found
    elif script is None:
        folders = [path.parent for path in (assets.files.root / MODELS).glob("*/model.bin")]
        if len(folders) == 1 and not assets.files.check_pinned(folders[0], holder):
            return None
    return WordsQuestion(source, media, script, model, digest, language, holder.location)
