"""The words of a file for commands, by a script or by a speech model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vedc.captions.encoding import decode
from vedc.captions.spoken import Words
from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.edit.media_info import MediaInfo
from vedc.errors import MissingError, RenderError, UsageError

#: Where ``vedc model add`` puts models.
MODELS: Final = Path("models")
#: Bytes of the largest script: about two hundred hours of speech.
_MOST: Final = 16 << 20


def find_words(
    runner: AnalysisRunner,
    media: MediaInfo,
    script: Path | None = None,
    model: Path | None = None,
    language: str = "",
) -> Words:
    """What is said in a file: by ``script``, else by ``model`` or the project's own model.

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
            hint = "hear the words with a speech model: leave --script out"
            raise UsageError.one("bad-options", message, hint=hint)
        request = AnalysisRequest.of("words", media, script=script_text(script))
    else:
        folder = str(speech_model(model))
        request = AnalysisRequest.of("words", media, model=folder, language=language)
    (found,) = runner(request)
    assert isinstance(found, Words)
    return found


def script_text(file: Path) -> str:
    """The text of a script. Raises MissingError, or UsageError where there are no words in it."""
    from vedc.decide.words.alignment import need_pocketsphinx
    from vedc.decide.words.script import read_script

    need_pocketsphinx()
    try:
        if not file.is_file():
            raise FileNotFoundError
        if file.stat().st_size > _MOST:
            message = f"{file} has more than {_MOST >> 20} MiB, so it is no script"
            raise UsageError.one("bad-script", message, hint="name a text file")
        text = decode(file.read_bytes()).text
    except FileNotFoundError:
        message = f"there is no file {str(file)!r}"
        raise MissingError.one("no-such-file", message, hint="check the path") from None
    except OSError as error:
        reason = str(error.strerror or error).lower()
        message = f"{file} cannot be read: {reason}"
        raise MissingError.one("not-readable", message, hint="check its permissions") from None
    if not read_script(text):
        message = f"{file} has no words"
        raise UsageError.one("empty-script", message, hint="write what is said, as plain text")
    return text


def speech_model(given: Path | None, root: Path = Path()) -> Path:
    """The folder of a speech model: the one named, or the only one in ``models``.

    Raises MissingError for the engine or the model, UsageError where there are several.
    """
    from vedc.decide.words.recognise import check_model, need_whisper

    need_whisper()
    if given is not None:
        check_model(given)
        return _pinned(given, root)
    found = sorted(path.parent for path in (root / MODELS).glob("*/model.bin"))
    if not found:
        message = "there is no speech model to recognise words with"
        hint = "add one: vedc model add FOLDER; or give what is said: --script FILE"
        raise MissingError.one("no-speech-model", message, hint=hint)
    if len(found) > 1:
        names = ", ".join(path.as_posix() for path in found)
        message = f"there are several speech models: {names}"
        raise UsageError.one("ambiguous-model", message, hint=f"--model {found[0].as_posix()}")
    return _pinned(found[0], root)


def _pinned(folder: Path, root: Path) -> Path:
    """The folder, held to its digest in the lock of the project, if it is pinned there."""
    from vedc.decide.lock.lock_file import NAME, Lock
    from vedc.decide.words.recognise import model_digest

    name = Path(os.path.relpath(folder, root)).as_posix()
    pin = Lock.load(root / NAME).models.get(name)
    if pin is not None and (now := model_digest(folder)) != pin:
        message = f"the model {name!r} changed: vedc.lock pins {pin}, the folder is {now}"
        hint = f"put the old one back, or pin this one: vedc model add {name}"
        raise RenderError.one("model-changed", message, hint=hint)
    return folder.resolve()
