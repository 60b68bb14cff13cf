"""Sources of words: scripts, and speech models on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vedc.captions.encoding import decode
from vedc.decide.words.alignment.aligner import need_pocketsphinx
from vedc.decide.words.alignment.script import read_script
from vedc.decide.words.model_folder import check_model
from vedc.decide.words.recognise import need_whisper
from vedc.errors import MissingError, UsageError
from vedc.lang.resolve.speech.asking import MODELS

#: Bytes of the largest script: about two hundred hours of speech.
_MOST: Final = 16 << 20


def script_text(file: Path) -> str:
    """The text of a script. Raises MissingError, or UsageError if it has no words."""
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

    Raises MissingError for the engine or the model, UsageError if there are several.
    """
    need_whisper()
    if given is not None:
        check_model(given)
        return given.resolve()
    found = sorted(path.parent for path in (root / MODELS).glob("*/model.bin"))
    if not found:
        message = "there is no speech model to recognise words with"
        hint = "add one: vedc model add FOLDER; or give what is said: --script FILE"
        raise MissingError.one("no-speech-model", message, hint=hint)
    if len(found) > 1:
        names = ", ".join(path.as_posix() for path in found)
        message = f"there are several speech models: {names}"
        raise UsageError.one("ambiguous-model", message, hint=f"--model {found[0].as_posix()}")
    check_model(found[0])
    return found[0].resolve()
