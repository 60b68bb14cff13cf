"""Spoken languages, by their codes."""

from __future__ import annotations

from typing import Final

from vedc.edit.captions import LANGUAGES
from vedc.lang.schema.values import Json, Type, or_expression
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean


class Language(Type):
    """A language by its code, perhaps with a country."""

    phrase = "the code of a language such as en, de or pt-BR"

    def schema(self, shared: Json) -> Json:
        pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$"
        return or_expression({"type": "string", "pattern": pattern}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        parts = node.value.split("-") if isinstance(node.value, str) else [""]
        first = parts[0].lower()
        letters = 2 <= len(first) <= 3 and first.isascii() and first.isalpha()
        if not letters or not all(part.isascii() and part.isalnum() for part in parts):
            named = None
            if isinstance(node.value, str):
                named = did_you_mean(node.value.lower(), _NAMES)
            hint = f"write {name}: {_NAMES[named]}" if named else None
            self.reject(node, name, problems, hint)
        elif len(first) == 2 and first not in LANGUAGES:
            message = f"{name}: there is no language {first!r}"
            problems.add(
                "unknown-value", message, node, "use its code of ISO 639, such as en or de"
            )


_NAMES: Final = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt",
    "dutch": "nl", "polish": "pl", "russian": "ru", "japanese": "ja", "chinese": "zh",
    "korean": "ko", "arabic": "ar", "turkish": "tr", "swedish": "sv", "danish": "da",
    "norwegian": "no", "finnish": "fi", "czech": "cs", "greek": "el", "hebrew": "he",
    "hindi": "hi", "ukrainian": "uk", "hungarian": "hu", "romanian": "ro", "thai": "th",
    "vietnamese": "vi", "indonesian": "id",
}  # fmt: skip
