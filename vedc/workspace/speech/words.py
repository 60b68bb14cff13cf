"""The words of a file for commands, by a script or by a speech model."""

from __future__ import annotations

import os
from pathlib import Path

from vedc.captions.spoken import Words
from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.words.sources import script_text, speech_model
from vedc.edit.media_info import MediaInfo
from vedc.errors import LockError, RenderError, UsageError


def find_words(
    runner: AnalysisRunner,
    media: MediaInfo,
    script: Path | None = None,
    model: Path | None = None,
    language: str = "",
) -> Words:
    """The words of a file: by ``script``, else by ``model`` or the project's own model.

    Raises RenderError ``no-sound`` and ``script-unlike-speech``, MissingError for an engine or a
    model that is missing, UsageError for options that exclude one another.
    """
    if media.audio is None:
        message = f"'{media.path}' has no sound, so nothing is said in it"
        raise RenderError.one("no-sound", message, hint="name a file with sound")
    if script is not None:
        if model is not None:
            message = "--script says what is said, so that --model has nothing to recognise"
            raise UsageError.one("bad-options", message, hint="leave one of them out")
        if language not in ("", "en"):
            message = f"a script can be followed in English, not in {language!r}"
            hint = "leave --script out to recognise the words with a speech model"
            raise UsageError.one("bad-options", message, hint=hint)
        request = AnalysisRequest.of("words", media, script=script_text(script))
    else:
        folder = str(_pinned(speech_model(model), Path()))
        request = AnalysisRequest.of("words", media, model=folder, language=language)
    (found,) = runner(request)
    assert isinstance(found, Words)
    return found


def _pinned(folder: Path, root: Path) -> Path:
    """The folder, checked against its digest in the project's lock, if pinned there."""
    from vedc.decide.lock.lock_file import NAME, Lock
    from vedc.decide.words.model_folder import model_digest

    name = Path(os.path.relpath(folder, root)).as_posix()
    pin = Lock.load(root / NAME).models.get(name)
    if pin is not None and (now := model_digest(folder)) != pin:
        message = f"the model {name!r} changed: vedc.lock pins {pin}, the folder is {now}"
        hint = f"put the old one back, or pin this one: vedc model add {name}"
        raise LockError.one("model-changed", message, hint=hint)
    return folder.resolve()
