"""The manifests of an adaptive stream, as FFmpeg writes them while it packages, made final.

FFmpeg states the nominal bit rates and the time of packaging. Here the rates become those of the
finished segments, as RFC 8216 and ISO/IEC 23009-1 define them, and the times are removed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from vedc.errors import InternalError

_NS: Final = "{urn:mpeg:dash:schema:mpd:2011}"
_LENGTH = re.compile(r"#EXTINF:([0-9.]+),")
_TARGET = re.compile(r"#EXT-X-TARGETDURATION:(\d+)")
_VARIANT = re.compile(r"#EXT-X-STREAM-INF:BANDWIDTH=\d+,(.*)")
_AUDIO_LINE = re.compile(r'#EXT-X-MEDIA:TYPE=AUDIO,.*NAME="[^"]*".*URI="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Rates:
    """Bits a second of a rendition."""

    peak: int
    average: int


def media_rates(playlist: Path) -> Rates:
    """The rates of a media playlist's segments.

    The peak is the largest of any run of segments that lasts 0.5 to 1.5 times the target
    duration (RFC 8216, 4.3.4.2); for a stream too short for one, the whole stream's.
    """
    text = playlist.read_text(encoding="utf-8")
    found = _TARGET.search(text)
    if found is None:
        raise InternalError(f"{playlist} has no target duration")
    target = float(found[1])
    names = [line for line in text.splitlines() if line and not line.startswith("#")]
    sizes = [8 * (playlist.parent / name).stat().st_size for name in names]
    lengths = [float(length) for length in _LENGTH.findall(text)]
    average = sum(sizes) / sum(lengths)
    peak = 0.0
    for first in range(len(sizes)):
        bits = length = 0.0
        for size, seconds in zip(sizes[first:], lengths[first:], strict=True):
            bits, length = bits + size, length + seconds
            if length > 1.5 * target:
                break
            if length >= 0.5 * target:
                peak = max(peak, bits / length)
    return Rates(int(peak or average) + 1, int(average) + 1)


def hevc_string(header: bytes) -> str:
    """The name of an HEVC stream in manifests, such as hvc1.1.6.L93.90 (ISO/IEC 14496-15, annex E).

    ``header`` is its decoder configuration record. FFmpeg names only H.264 and sound.
    """
    space, tier, profile = header[1] >> 6, header[1] >> 5 & 1, header[1] & 31
    compatible = int(f"{int.from_bytes(header[2:6], 'big'):032b}"[::-1], 2)
    parts = [
        "hvc1",
        f"{['', 'A', 'B', 'C'][space]}{profile}",
        f"{compatible:X}",
        f"{'LH'[tier]}{header[12]}",
        *(f"{byte:X}" for byte in header[6:12].rstrip(b"\0")),
    ]
    return ".".join(parts)


def with_codec(text: str, name: str) -> str:
    """A manifest in which the codecs that FFmpeg left empty have this name."""
    return re.sub(r'(codecs="|CODECS=")(?=[",])', rf"\g<1>{name}", text)


def final_media_playlist(text: str) -> str:
    """A media playlist of a finished stream, without the time of packaging."""
    kept = [line for line in text.splitlines() if not line.startswith("#EXT-X-PROGRAM-DATE-TIME")]
    place = next(i for i, line in enumerate(kept) if line.startswith("#EXT-X-TARGETDURATION"))
    kept[place + 1 : place + 1] = ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS"]
    return "\n".join(kept) + "\n"


#: The names in playlists of the transfers of high dynamic range.
_RANGES = {"smpte2084": "PQ", "arib-std-b67": "HLG"}


def final_master(text: str, rates: Mapping[str, Rates], fps: Fraction, transfer: str) -> str:
    """The master playlist with the rates of its renditions: ``rates`` by media playlist."""
    wide = f",VIDEO-RANGE={_RANGES[transfer]}" if transfer in _RANGES else ""
    lines = [line for line in text.splitlines() if line]
    audio: Sequence[str] = [m[1] for line in lines if (m := _AUDIO_LINE.match(line))]
    sound = rates[audio[0]] if audio else Rates(0, 0)
    final = []
    for index, line in enumerate(lines):
        variant = _VARIANT.match(line)
        if variant:
            own = rates[lines[index + 1]]
            line = (
                f"#EXT-X-STREAM-INF:BANDWIDTH={own.peak + sound.peak},"
                f"AVERAGE-BANDWIDTH={own.average + sound.average},{variant[1]},"
                f"FRAME-RATE={float(fps):.3f}{wide}"
            )
        elif _AUDIO_LINE.match(line):
            line = re.sub(r'NAME="[^"]*"', 'NAME="main"', line)
        final.append(line)
        if line.startswith("#EXT-X-VERSION"):
            final.append("#EXT-X-INDEPENDENT-SEGMENTS")
    return "\n".join(final) + "\n"


def final_mpd(text: str, rates: Sequence[Rates], seconds: Fraction) -> str:
    """The DASH manifest with the rates of its representations, by number, its length, and with all
    pictures in one set, so that players switch between them."""
    root = _parsed(text)
    for empty in [child for child in root if not len(child)]:
        root.remove(empty)
    root.set("mediaPresentationDuration", _duration(seconds))
    root.set(
        "maxSegmentDuration", _duration(max(map(_longest, root.iter(f"{_NS}SegmentTemplate"))))
    )
    for number, each in enumerate(rates):
        found = root.find(f".//{_NS}Representation[@id='{number}']")
        if found is None:
            raise InternalError(f"the manifest has no representation {number}")
        found.set("bandwidth", str(each.peak))
    period = root.find(f"{_NS}Period")
    first, *others = root.findall(f".//{_NS}AdaptationSet[@contentType='video']")
    for other in others:
        first.extend(other.findall(f"{_NS}Representation"))
        for side in ("maxWidth", "maxHeight"):
            first.set(side, str(max(int(first.get(side, 0)), int(other.get(side, 0)))))
        if period is not None:
            period.remove(other)
    return _printed(root)


def _duration(seconds: Fraction) -> str:
    """As XML writes it; rounded up to milliseconds, so that nothing is cut off."""
    return f"PT{math.ceil(seconds * 1000) / 1000:.3f}S"


def _longest(template: ElementTree.Element) -> Fraction:
    """Seconds of the longest segment of a representation."""
    scale = int(template.get("timescale", 1))
    return max(Fraction(int(s.get("d", 0)), scale) for s in template.iter(f"{_NS}S"))


def _parsed(text: str) -> ElementTree.Element:
    ElementTree.register_namespace("", _NS[1:-1])
    return ElementTree.fromstring(text)


def _printed(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def placed_master(text: str, folder: str) -> str:
    """A master playlist for a file beside ``folder``, which holds everything it names."""
    lines = [
        re.sub(r'URI="', f'URI="{folder}/', line) if line.startswith("#") else f"{folder}/{line}"
        for line in text.splitlines()
    ]
    return "\n".join(lines) + "\n"


def placed_mpd(text: str, folder: str) -> str:
    """A DASH manifest for a file beside ``folder``, which holds everything it names."""
    root = _parsed(text)
    base = ElementTree.Element(f"{_NS}BaseURL")
    base.text = f"{folder}/"
    place = next(i for i, child in enumerate(root) if child.tag == f"{_NS}Period")
    root.insert(place, base)
    return _printed(root)
