"""Texts with known speech: of two recordings, and for espeak-ng to read."""

from __future__ import annotations

from typing import Final

#: Transcripts of the two recordings of LibriSpeech as heard; place names are spelled by sound.
READ: Final = {
    "speech_1": (
        '"Mrs. Allen," said Catherine the next morning, "will there be any harm in my calling on '
        'Miss Tilney today? I shall not be easy till I have explained everything." "Go, by all '
        'means, my dear; only put on a white gown; Miss Tilney always wears white."'
    ),
    "speech_2": (
        "With her white paint and her scarlet smoke stack, the Inversheal, one of the two small "
        "steamers that during the summer months plied up and down the loch, and incidentally "
        "carried on communication between Inversheal and Cryon."
    ),
}
TALKS: Final = (
    "Hello there, and welcome to our quarterly review. We fixed this problem today, and I believe "
    "nobody will see a similar failure again. Thank you very much.",
    "BEN: The committee met on Tuesday, 21st March 1987. Nearly 30% of members voted.\n"
    "ANNA: Machines such as Qwuzzle are expensive, but people love them anyway.",
    "Yesterday evening several children walked along the river. Somebody had left a boat near the "
    "bridge; everyone wanted to row across, although the water was cold.",
)


def said(talk: str) -> str:
    """A talk without its speakers' names."""
    return talk.replace("BEN: ", "").replace("ANNA: ", "").replace("\n", " ")
