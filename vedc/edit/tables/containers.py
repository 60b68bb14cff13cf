"""The table of containers: the meaning of an output's extension, and the codecs it holds."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final, Literal

from vedc.edit.tables.codecs import AUDIO_CODECS, IMAGE_CODECS, SOUND_ONLY, ImageCodec
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Container:
    """A file format with the codecs that players expect in it; the first is the default."""

    name: str
    muxer: str
    """FFmpeg's name."""
    extensions: tuple[str, ...]
    video: tuple[str, ...]
    """None: a file of sound alone."""
    audio: tuple[str, ...]
    faststart: bool = False
    """Whether the index can precede the media, so that playback starts at once."""
    tagged: Literal["file", "stream", "nothing"] = "file"
    """The level of its tags; without tags it has no mark."""
    cover: Literal["", "stream", "attachment", "tag"] = ""
    """How it holds cover art that players find."""
    options: tuple[tuple[str, str], ...] = ()
    """Further options of the muxer."""
    chapters: bool = True
    """Whether it can hold chapters that players find."""
    captions: tuple[str, ...] = ()
    """Codecs of captions that it carries; the first is the default."""
    sound_muxer: str = ""
    """The container of its sound before muxing; by default its own."""


CONTAINERS: Final[tuple[Container, ...]] = (
    Container(
        "mp4",
        "mp4",
        (".mp4", ".m4v"),
        ("h264", "hevc", "av1", "vp9"),
        ("aac", "opus", "flac", "mp3"),
        faststart=True,
        captions=("mov_text",),
        cover="stream",
    ),
    Container(
        "mov",
        "mov",
        (".mov",),
        ("h264", "hevc", "prores", "dnxhr"),
        ("aac", "pcm_s16le", "pcm_s24le", "mp3"),
        faststart=True,
        captions=("mov_text",),
    ),
    Container(
        "mkv",
        "matroska",
        (".mkv",),
        ("h264", "hevc", "av1", "vp9", "prores", "ffv1"),
        ("aac", "opus", "flac", "pcm_s16le", "pcm_s24le", "mp3"),
        captions=("subrip", "ass"),
        cover="attachment",
    ),
    Container("webm", "webm", (".webm",), ("vp9", "av1"), ("opus",), captions=("webvtt",)),
    Container(
        "mxf",
        "mxf",
        (".mxf",),
        ("dnxhr",),
        ("pcm_s24le", "pcm_s16le"),
        tagged="nothing",
        chapters=False,
    ),
    # Larger than 4 GiB a WAV file becomes an RF64 (EBU Tech 3306).
    Container(
        "wav",
        "wav",
        (".wav",),
        (),
        ("pcm_s24le", "pcm_s16le", "pcm_f32le"),
        options=(("rf64", "auto"),),
        chapters=False,
    ),
    Container("flac", "flac", (".flac",), (), ("flac",), chapters=False, cover="stream"),
    Container("mp3", "mp3", (".mp3",), (), ("mp3",), cover="stream"),
    Container("opus", "opus", (".opus",), (), ("opus",), tagged="stream", cover="tag"),
    Container("ogg", "ogg", (".ogg", ".oga"), (), ("opus", "flac"), tagged="stream", cover="tag"),
    Container(
        "m4a",
        "mp4",
        (".m4a",),
        (),
        ("aac", "alac"),
        faststart=True,
        cover="stream",
        options=(("brand", "M4A "),),
    ),
    Container(
        "mka",
        "matroska",
        (".mka",),
        (),
        ("flac", "opus", "aac", "pcm_s16le", "pcm_s24le", "mp3"),
        cover="attachment",
    ),
)

#: A manifest and a folder of fragmented MP4, in several sizes: HLS or DASH, by the extension.
STREAM: Final = Container(
    "stream",
    "dash",
    (".m3u8", ".mpd"),
    ("h264", "hevc"),
    ("aac",),
    tagged="nothing",
    chapters=False,
    sound_muxer="mp4",
)

#: By the first bytes of a file of cover art: its type, its extension, FFmpeg's demuxer.
COVERS: Final = {
    b"\xff\xd8\xff": ("image/jpeg", ".jpg", "jpeg_pipe"),
    b"\x89PNG\r\n\x1a\n": ("image/png", ".png", "png_pipe"),
}

#: Extensions of contact sheets, and Pillow's names of their formats.
SHEETS: Final = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}

#: The preferred audio codec where the container allows it: lossless goes with lossless.
_COMPANIONS: Final = {"prores": "pcm_s24le", "dnxhr": "pcm_s24le", "ffv1": "flac"}


def extension(path: str) -> str:
    """The last suffix in lower case, with its dot: ``.mp4``; empty where there is none."""
    return PurePath(path).suffix.lower()


def container_for_extension(ext: str) -> Container | None:
    """The container that files with this extension (``.mp4``) hold; ``None`` if not known."""
    return next((c for c in (*CONTAINERS, STREAM) if ext.lower() in c.extensions), None)


def image_for_extension(ext: str) -> ImageCodec | None:
    return next((c for c in IMAGE_CODECS.values() if ext.lower() in c.extensions), None)


def codec_for_extension(ext: str) -> str | None:
    """The codec that an output gets when it names none: ``.mp4`` gives ``h264``, and ``.wav``,
    which holds no picture, ``none``."""
    container = container_for_extension(ext)
    if container is not None:
        return container.video[0] if container.video else SOUND_ONLY
    image = image_for_extension(ext)
    return image.name if image else None


def audio_for_extension(ext: str, video_codec: str, depth: int | None = None) -> str | None:
    """The audio codec that an output gets when it names none; ``None`` for images.

    ``depth``: bits of a sample that it should store, where that matters.
    """
    container = container_for_extension(ext)
    if container is None:
        return None
    companion = _COMPANIONS.get(video_codec)
    usual = companion if companion in container.audio else container.audio[0]
    suiting = (name for name in (usual, *container.audio) if depth in AUDIO_CODECS[name].depths)
    return usual if depth is None else next(suiting, usual)


def extensions_for_codec(codec: str) -> tuple[str, ...]:
    """Extensions of files that can hold a codec, the most common first: for messages and docs."""
    if codec in IMAGE_CODECS:
        return IMAGE_CODECS[codec].extensions
    holders = [c for c in CONTAINERS if codec in c.video or codec in c.audio]
    return tuple(ext for c in holders for ext in c.extensions)


def known_extensions() -> tuple[str, ...]:
    """Every extension that an output may have."""
    films = [ext for c in (*CONTAINERS, STREAM) for ext in c.extensions]
    return (*films, *(ext for c in IMAGE_CODECS.values() for ext in c.extensions))
