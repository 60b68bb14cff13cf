"""The file against its target: container, codecs, size, rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from vedc.edit.tables.codecs import AUDIO_CODECS, VIDEO_CODECS
from vedc.edit.tables.containers import container_for_extension, extension
from vedc.edit.timecode import brief
from vedc.review.check.core.check import Base, Check, Film, Limit
from vedc.review.check.core.finding import Finding

#: FFmpeg's names of what these encoders write, where they are not those in specs.
_DECODED: Final = {"dnxhr": "dnxhd"}

#: Containers that go with a target.
TAKEN: Final = {
    "youtube": ("mp4", "mov", "mkv", "webm"),
    "instagram_reel": ("mp4", "mov"),
    "tiktok": ("mp4", "mov", "webm"),
    "broadcast": ("mov", "mxf"),
    "web": ("mp4",),
    "prores_master": ("mov", "mxf"),
}


class _Container(Base):
    def finish(self) -> Iterable[Finding]:
        film, target = self.film, self.film.target
        path = Path(film.media.path)
        named = container_for_extension(extension(film.media.path))
        if named is not None and not _is(film, named.muxer):
            yield film.found(
                "container", "error",
                f"the file is called {path.suffix} and holds {film.media.container}",
                cure="rename it, or export it again",
            )  # fmt: skip
        if target is None or named is None:
            return
        taken = TAKEN[target.name]
        if named.name not in taken:
            yield film.found(
                "container", "error", f"the container is {named.name}, and {target.name} takes "
                f"{_either(taken)}", cure=f"deliver a .{taken[0]} file",
            )  # fmt: skip
        elif named.faststart and any("index" in note for note in target.notes) and not _fast(path):
            yield film.found(
                "container", "warning", "the index is at the end of the file: it plays "
                "only once all of it is loaded", cure="move it to the front (faststart), as vedc "
                                                      "does",
            )  # fmt: skip


def _either(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _is(film: Film, muxer: str) -> bool:
    """Whether the file has a container of this muxer's kind: FFmpeg reads relatives alike."""
    held = set(film.media.container.replace(" ", "").split(","))
    kin = {
        "mp4": {"mp4", "mov"}, "mov": {"mov", "mp4"}, "matroska": {"matroska", "webm"},
        "webm": {"webm", "matroska"}, "opus": {"ogg"}, "ogg": {"ogg"},
    }  # fmt: skip
    return bool(held & kin.get(muxer, {muxer})) or not held


def _fast(path: Path) -> bool:
    """Whether the index of an MP4 or MOV file precedes its media (ISO/IEC 14496-12 boxes)."""
    if not path.is_file():
        return True
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                break
            at += length
    return True


CONTAINER: Final = Check(
    "container",
    "a container that the target does not take, or that the file's name belies",
    "file",
    "The first bytes of the file identify the container. For targets that play while they load, "
    "the index of MP4 and MOV must precede the media.",
    "what the targets' publishers ask for",
    _Container,
)


class _Codec(Base):
    def finish(self) -> Iterable[Finding]:
        film = self.film
        if film.target is None:
            return
        given = {setting.key: setting.value for setting in film.target.settings}
        yield from self._picture(str(given["codec"]), given.get("pix_fmt"))
        yield from self._sound(str(given["audio_codec"]))

    def _picture(self, codec: str, pix_fmt: object) -> Iterator[Finding]:
        film = self.film
        name, video = self._target, film.media.video
        if video is None:
            yield film.found("codec", "error", f"there is no picture, and {name} takes films",
                             cure="deliver a film")  # fmt: skip
            return
        wanted = _DECODED.get(codec, codec)
        if video.codec != wanted:
            title = VIDEO_CODECS[codec].title
            yield film.found(
                "codec", "error", f"the picture is {video.codec}, and {name} asks for {title}",
                cure=f"encode it with codec: {codec}",
            )  # fmt: skip
        elif isinstance(pix_fmt, str) and video.pix_fmt not in (
            pix_fmt,
            pix_fmt.replace("yuv", "yuvj"),
        ):
            yield film.found(
                "codec", "error", f"the samples are {video.pix_fmt}, and {name} asks for {pix_fmt}",
                cure=f"encode it with pix_fmt: {pix_fmt}",
            )  # fmt: skip

    def _sound(self, codec: str) -> Iterator[Finding]:
        film, audio = self.film, self.film.media.audio
        if audio is None:
            yield film.found(
                "codec", "warning", "the film has no sound",
                cure="add a track, if only of silence: some players refuse none",
            )  # fmt: skip
        elif audio.codec != codec and not (
            codec.startswith("pcm") and audio.codec.startswith("pcm")
        ):
            title = AUDIO_CODECS[codec].title
            yield film.found(
                "codec", "error",
                f"the sound is {audio.codec}, and {self._target} asks for {title}",
                cure=f"encode it with audio_codec: {codec}",
            )  # fmt: skip

    @property
    def _target(self) -> str:
        assert self.film.target is not None
        return self.film.target.name


CODEC: Final = Check(
    "codec",
    "codecs or samples that the target does not take",
    "file",
    "Codecs and the pixel format are compared with what `vedc explain target:NAME` prints.",
    "what the targets' publishers ask for",
    _Codec,
)


class _Size(Base):
    def finish(self) -> Iterable[Finding]:
        film, target, video = self.film, self.film.target, self.film.media.video
        if target is None or video is None:
            return
        if target.size is not None and video.display_size != target.size:
            wanted = "{}x{}".format(*target.size)
            yield film.found(
                "size", "error",
                "the picture is {}x{}".format(*video.display_size)
                + f", and {target.name} asks for {wanted}",
                cure=f"render it at {wanted}: target: {target.name}",
            )  # fmt: skip
        if target.rates is not None and not target.rates[0] <= video.rate <= target.rates[1]:
            low, high = (f"{float(rate):.5g}" for rate in target.rates)
            yield film.found(
                "size", "error", f"the rate is {float(video.rate):.5g} frames a second, and "
                f"{target.name} takes {low} to {high}", measured=float(video.rate), unit="fps",
                cure="render it at another fps",
            )  # fmt: skip


SIZE: Final = Check(
    "size",
    "a size or a frame rate that the target does not take",
    "file",
    "Width and height as shown, in square pixels, and the rate of the picture.",
    "what the targets' publishers ask for",
    _Size,
)


class _Duration(Base):
    def finish(self) -> Iterable[Finding]:
        film, media = self.film, self.film.media
        length = media.clip_length
        if length is None:
            return
        wanted = film.limits["duration.exact"]
        if wanted is None and film.duration is not None:
            wanted = float(film.duration)
        slack = max(film.limit("duration.tolerance"), 1.001 / float(film.rate))
        if wanted is not None and abs(float(length) - wanted) > slack:
            yield film.found(
                "duration", "error", f"it lasts {brief(length)} instead of {wanted:g}s",
                measured=round(float(length), 3), limit=wanted, unit="s",
                cure="trim or extend the edit",
            )  # fmt: skip
        if film.target is not None and film.target.seconds is not None:
            low, high = film.target.seconds
            if not low <= length <= high:
                yield film.found(
                    "duration", "error", f"it lasts {brief(length)}, and {film.target.name} takes "
                    f"{low} to {high} s", measured=round(float(length), 3), unit="s",
                    limit=float(low if length < low else high), cure="trim or extend the edit",
                )  # fmt: skip
        yield from self._sound()

    def _sound(self) -> Iterator[Finding]:
        film, video, audio = self.film, self.film.media.video, self.film.media.audio
        if (
            video is None
            or audio is None
            or audio.duration is None
            or film.media.clip_length is None
        ):
            return
        picture, sound = film.media.clip_length, audio.start + audio.duration
        apart, limit = float(sound - picture), film.limit("duration.apart")
        if abs(apart) > limit:
            way = "outlasts the picture" if apart > 0 else "ends before the picture"
            yield film.found(
                "duration", "warning", f"the sound {way} by {abs(apart):.2f} s",
                measured=round(apart, 3), limit=limit, unit="s",
                cure="bring both to one length",
            )  # fmt: skip


DURATION: Final = Check(
    "duration",
    "a film that is too long or too short, or whose sound ends elsewhere than its picture",
    "file",
    "The length of the picture; of sound alone that of the sound. A frame is always allowed.",
    "--limit duration.exact, or what the target's publisher asks for",
    _Duration,
    (
        Limit("exact", None, "s", "how long it should be"),
        Limit("tolerance", 0.0, "s", "how far it may be off, beyond a frame"),
        Limit("apart", 0.5, "s", "between the ends of picture and sound"),
    ),
)
