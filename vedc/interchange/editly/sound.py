"""The sound of editly. It mixes by weights: the level of each sound is its share of their sum."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from vedc.interchange.common.draft import Draft, Noted, gain, noted, seconds
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.editly.layers import Layers, Shown
from vedc.interchange.editly.merging import Merged
from vedc.interchange.foreign.node import Node
from vedc.lang.yaml.tree import Awaited


class Sounds:
    """Collects sounds; ``keep``: whether the clips' own are heard."""

    def __init__(self, root: Node, made: Draft, files: ForeignFiles, layers: Layers) -> None:
        self.root, self.made, self.files, self.layers = root, made, files, layers
        self.keep = root.flag("keepSourceAudio") or False
        self.clips = self._weight("clipsAudioVolume")
        self.film: list[tuple[Noted, Fraction]] = []
        """Audio items and their weights."""
        self.items: list[tuple[dict[str, Any], Fraction]] = []
        """Sounds of clips, and their shares of their clip."""

    def _weight(self, key: str) -> Fraction:
        found = self.root.number(key, low=0, high=1000)
        return Fraction(1) if found is None else found

    def of_clip(
        self, shown: Sequence[Shown], layers: Sequence[Merged], length: Fraction | None
    ) -> list[Noted]:
        """The sounds of one clip: of its videos, and of its audio layers, which are returned."""
        sounding = [each for each in shown if each.sound is not None]
        mixed = [each for each in sounding if not each.start and each.stop is None]
        audio = [made for layer in layers if (made := self._layer(layer, length)) is not None]
        if not self.keep:
            for layer in layers:
                layer.note_loss(
                    "an audio layer", "left out: keepSourceAudio is off, as in editly", "note"
                )
            audio = []
        weights = [each.sound or Fraction(0) for each in mixed] + [weight for _, weight in audio]
        whole = sum(weights, Fraction(0))
        shares = [w / whole if whole and len(weights) > 1 else Fraction(1) for w in weights]
        for each in sounding:
            if not self.keep or each not in mixed:
                each.keys["mute"] = True
        if self.keep:
            pairs = [each.keys for each in mixed] + [made for made, _ in audio]
            self.items += zip(pairs, shares, strict=True)
        return [made for made, _ in audio]

    def _layer(self, layer: Merged, length: Fraction | None) -> tuple[Noted, Fraction] | None:
        """An audio layer, stretched to its clip."""
        path = self.layers.path(layer)
        start, end = layer.number("cutFrom", low=0), layer.number("cutTo", low=0)
        weight = self.layers.weight(layer)
        if path is None:
            return None
        keys: dict[str, Any] = {"clip": self.made.asset(path)}
        begin = start or Fraction(0)
        if begin:
            keys["in"] = seconds(begin)
        whole = self.files.length(path)
        if end is not None and whole is not None:
            end = min(end, whole)
        if end is not None and end > begin:
            keys["out"] = seconds(end)
            if length is not None and end - begin != length:
                del keys["out"]
                keys["duration"] = seconds(length)
                keys["speed"] = float((end - begin) / length)
        elif length is not None:
            keys["duration"] = seconds(length)
        return noted(keys), weight

    def detached(self, layer: Merged, begin: Fraction | None, name: str) -> None:
        """A sound that begins in a clip and continues after it."""
        start = layer.number("start", low=0) or Fraction(0)
        layer.drop("stop", "does nothing in editly either")
        if begin is not None:
            at = seconds(begin + start)
        else:
            at = Awaited(f"${{{{ start('{name}') + {float(start):g} }}}}")
        self._add(layer, at)

    def of_film(self) -> None:
        """The sounds of the whole film."""
        path = self.root.text("audioFilePath")
        loop = self.root.flag("loopAudio")
        weight = self._weight("backgroundAudioVolume")
        if path:
            named = self.files.path(path)
            keys: dict[str, Any] = {"clip": self.made.asset(named)}
            if loop:
                keys["loop"] = True
            self.film.insert(0, (noted(keys), weight))
        for node in self.root.sequence("audioTracks"):
            track = Merged(node)
            if not track.nodes:
                node.lose("is not an audio track")
                continue
            start = track.number("start", low=0)
            self._add(track, seconds(start) if start else None)

    def _add(self, track: Merged, at: str | None) -> None:
        path = self.layers.path(track)
        begin, end = track.number("cutFrom", low=0), track.number("cutTo", low=0)
        weight = self.layers.weight(track)
        if path is None:
            return
        keys: dict[str, Any] = {"clip": self.made.asset(path)}
        if at is not None:
            keys["start"] = at
        if begin:
            keys["in"] = seconds(begin)
        if end is not None and end > (begin or 0):
            keys["out"] = seconds(end)
        self.film.append((noted(keys), weight))

    def finish(self) -> None:
        """Give every sound its level, and put those of the film into the draft."""
        whole = self.clips + sum((weight for _, weight in self.film), Fraction(0))
        share = self.clips / whole if self.film and whole else Fraction(1)
        for keys, part in self.items:
            if part * share != 1:
                keys["volume"] = gain(part * share)
        for keys, weight in self.film:
            level = weight / whole if whole else Fraction(1)
            if level != 1:
                keys["volume"] = gain(level)
        if self.film:
            self.made.parts["audio"] = [keys for keys, _ in self.film]
            self.root.note_loss(
                "the levels of sounds: editly mixes them by their weights",
                "the same levels, as percentages",
                "note",
            )
        self._master()

    def _master(self) -> None:
        volume = self.root.take("outputVolume")
        norm = self.root.mapping("audioNorm")
        if volume is not None:
            text = str(volume.value).strip().lower() if volume.is_text else ""
            if volume.is_number and 0 <= volume.value <= 100:
                if volume.value != 1:
                    self.made.parts["master"] = {"volume": gain(Fraction(volume.value))}
            elif _decibels(text) is not None:
                self.made.parts["master"] = {"volume": f"{_decibels(text)}dB"}
            else:
                volume.lose(f"{volume.short} is no level")
        if norm is not None:
            on = norm.flag("enable")
            norm.take("gaussSize")
            norm.take("maxGain")
            if on:
                norm.note_loss(
                    "the dynamic normalisation of the sound", "left out: see `loudness`", "lost"
                )


def _decibels(text: str) -> str | None:
    """The number of ``10db``; that of a factor in text, ``0.5``, is one too."""
    try:
        if text.endswith("db"):
            return f"{float(text[:-2]):g}"
        from math import log10

        return f"{20 * log10(float(text)):.4g}" if 0 < float(text) <= 100 else None
    except ValueError:
        return None
