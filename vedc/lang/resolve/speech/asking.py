"""The words that captions of clips are to be made of, once every clip is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from vedc.edit.media_info import MediaInfo
from vedc.lang.form.spoken_captions import is_spoken
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.resolve.speech.question import AskedWords, WordsQuestion
from vedc.lang.yaml.tree import Problems, SpecNode

#: Where ``vedc model add`` puts models, in the folder of a project.
MODELS = "models"

Place = tuple[int, int, int]


def asks_words(root: SpecNode) -> bool:
    """Whether captions of a canonical spec are to be made of what is said."""
    return any(True for _ in _spoken(root))


def _spoken(root: SpecNode) -> Iterator[tuple[Place, SpecNode, SpecNode]]:
    """Captions made of speech of what is enabled: their place, the item, and they themselves."""
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
    """The questions: one for each file and each way to find its words. Errors go to
    ``problems``."""
    found: dict[object, AskedWords] = {}
    scripts: dict[Path, str] = {}
    silent: list[SpecNode] = []
    for place, item, captions in _spoken(root):
        if "clip" not in item:
            continue
        media = assets.clip_media(item)
        if media is None:
            continue
        if media.audio is None:  # nothing is said in it
            silent.append(captions)
            continue
        question = _question(item, captions, media, assets, problems)
        if question is None:
            continue
        first = scripts.setdefault(question.script, question.source) if question.script else None
        if first is not None and first != question.source:
            message = f"a script is what is said in one file, and here it is {first!r} and "
            message += repr(question.source)
            hint = "give each of the clips captions of its own"
            problems.add("conflict", message, captions["script"], hint)
            continue
        key = media.locator, _stream(media), question.script, question.model, question.language
        if key in found:
            found[key] = replace(found[key], places=(*found[key].places, place))
            continue
        way = captions["script"].text if question.script else "speech"
        name = f"{question.source}, {way}"
        if question.language:
            name += f" {question.language}"
        plain = [question.source, _stream(media), way, question.language]
        if question.digest:
            plain.append(question.digest)
        found[key] = AskedWords(captions, name, question, plain, (place,))
    if silent and not found:
        message = "none of the clips has sound, so nothing is said in them"
        hint = "give these captions to the track that speaks: of: ID"
        problems.add("no-sound", message, silent[0], hint)
    return list(found.values())


def _stream(media: MediaInfo) -> int:
    return media.audio.stream if media.audio is not None else 0


def _question(
    item: SpecNode, captions: SpecNode, media: MediaInfo, assets: Assets, problems: Problems
) -> WordsQuestion | None:
    source = item["clip"].text
    script = None
    language = captions["language"].text.split("-")[0].lower() if "language" in captions else ""
    if "script" in captions:
        script = assets.files.existing(captions["script"])
        if script is None:
            return None
        if language not in ("", "en"):
            message = f"a script can be followed in English, not in {language!r}"
            hint = "have the words recognised: from: speech"
            problems.add("conflict", message, captions["language"], hint)
            return None
        language = ""
    model, digest = None, ""
    if "model" in captions:
        found = assets.files.speech_model(captions["model"])
        if found is None:
            return None
        model, digest = found
    elif script is None:
        folders = [path.parent for path in (assets.files.root / MODELS).glob("*/model.bin")]
        if len(folders) == 1 and not assets.files.check_pinned(folders[0], captions):
            return None
    return WordsQuestion(source, media, script, model, digest, language, captions.location)
