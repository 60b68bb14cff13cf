"""Odd media files with their right values: what users bring, as small files made here.

Each part lists its entries in ``ENTRIES``. A right value comes from an independent decoder or
from arithmetic on what the maker put in, never from vedc.
"""

from __future__ import annotations

from tests.media.zoo import (
    animations,
    basics,
    colour,
    fonts,
    interlaced,
    pictures,
    sound,
    stills,
    video,
)
from tests.media.zoo.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    *animations.ENTRIES,
    *basics.ENTRIES,
    *colour.ENTRIES,
    *fonts.ENTRIES,
    *interlaced.ENTRIES,
    *pictures.ENTRIES,
    *sound.ENTRIES,
    *stills.ENTRIES,
    *video.ENTRIES,
)
