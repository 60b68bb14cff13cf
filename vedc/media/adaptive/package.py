"""Packaging renditions as an adaptive stream: fragmented MP4 for HLS and DASH alike.

A stream is a manifest at the target and a folder beside it, whose name includes a digest of its
content: ``film.m3u8`` and ``film-0123456789ab/``. The folder is complete before the manifest names
it, so readers always see a whole stream, the old one or the new one. ``film.m3u8`` and ``film.mpd``
of the same renditions share their folder.
"""

from __future__ import annotations

import heapq
import re
import shutil
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from secrets import token_hex
from typing import Final

import av
from av.error import FFmpegError

from vedc.edit.tables.containers import container_for_extension, extension
from vedc.errors import InternalError, RenderError
from vedc.media.adaptive.manifests import (
    final_master,
    final_media_playlist,
    final_mpd,
    hevc_string,
    media_rates,
    placed_master,
    placed_mpd,
    with_codec,
)
from vedc.media.files import cannot_write, sync_folder, whole_file
from vedc.media.mux import Picture, closing, picture_track, sound_track, stored

_MASTER: Final = "master.m3u8"
_MPD: Final = "manifest.mpd"


def write_adaptive(
    target: Path,
    renditions: Sequence[Picture],
    audio: Path | None,
    segment: Fraction,
    digest: str,
) -> None:
    """Write the manifest ``target`` and its folder.

    All renditions have the same frames, with key frames at the same places. The stream is cut at
    the first key frame after each ``segment`` seconds. ``digest`` names the content, in
    hexadecimal. Raises RenderError (``cannot-write``, ``cannot-mux``).
    """
    folder = target.with_name(f"{target.stem}-{digest[:12]}")
    part = target.with_name(f".vedc-{token_hex(6)}.part")
    try:
        part.mkdir()
        _package(part, renditions, audio, segment)
        _publish(part, folder)
        with whole_file(target) as whole:
            whole.write_text(_placed(folder, target), encoding="utf-8")
        _remove_older(target, folder)
    except OSError as error:
        if isinstance(error, FFmpegError):
            raise RenderError.one(
                "cannot-mux",
                f"cannot package the stream: {error.strerror}",
                hint="choose another codec, or a film of one file: path: film.mp4",
            ) from error
        raise cannot_write(target, error.errno) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _package(
    part: Path, renditions: Sequence[Picture], audio: Path | None, segment: Fraction
) -> None:
    kind = container_for_extension(".m3u8")
    if kind is None:
        raise InternalError("no container for adaptive streams")
    count = len(renditions) + (audio is not None)
    # FFmpeg refuses 854x480 beside 1920x1080 in one set: theirs are normalised below.
    sets = " ".join(f"id={number},streams={number}" for number in range(count))
    options = {
        "fflags": "+bitexact",
        "adaptation_sets": sets,
        "seg_duration": f"{float(segment):.6f}",
        "hls_playlist": "1",
        "hls_master_name": _MASTER,
        "init_seg_name": "$RepresentationID$.mp4",
        "media_seg_name": "$RepresentationID$-$Number%05d$.m4s",
    }
    with ExitStack() as stack:
        source = stack.enter_context(stored(audio)) if audio is not None else None
        output = av.open(str(part / _MPD), "w", format=kind.muxer, options=options)
        stack.push(closing(output))
        tracks = [picture_track(output, kind, picture) for picture in renditions]
        if source is not None and audio is not None:
            tracks.append(sound_track(output, kind, source, audio))
        header = None
        if renditions[0].settings.codec == "hevc":
            header = output.streams.video[0].codec_context.extradata
        for stream in output.streams:
            stream.codec_context.bit_rate = (
                1  # otherwise FFmpeg lists nothing; the true value follows below
            )
        for _time, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            output.mux_one(packet)
    playlists = [part / f"media_{number}.m3u8" for number in range(count)]
    rates = [media_rates(playlist) for playlist in playlists]
    for playlist in playlists:
        _rewrite(playlist, final_media_playlist(playlist.read_text(encoding="utf-8")))
    named = {playlist.name: rate for playlist, rate in zip(playlists, rates, strict=True)}
    fps, transfer = renditions[0].settings.rate, renditions[0].settings.color.transfer
    length = sum(renditions[0].frames) / fps
    master, mpd = part / _MASTER, part / _MPD
    texts = [file.read_text(encoding="utf-8") for file in (master, mpd)]
    if header is not None:
        texts = [with_codec(text, hevc_string(header)) for text in texts]
    _rewrite(master, final_master(texts[0], named, fps, transfer))
    _rewrite(mpd, final_mpd(texts[1], rates, length))


def _rewrite(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def _publish(part: Path, folder: Path) -> None:
    """Make ``part`` the folder, unless it already exists with the same files."""
    if folder.is_dir() and _listing(folder) == _listing(part):
        return
    old = folder.with_name(f".vedc-{token_hex(6)}.part")
    with suppress(FileNotFoundError):
        folder.rename(old)
    part.rename(folder)
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _listing(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in folder.iterdir()}


def _placed(folder: Path, target: Path) -> str:
    """The manifest to write to the target."""
    if extension(target.name) == ".mpd":
        return placed_mpd((folder / _MPD).read_text(encoding="utf-8"), folder.name)
    return placed_master((folder / _MASTER).read_text(encoding="utf-8"), folder.name)


def _remove_older(target: Path, folder: Path) -> None:
    """Remove the folders of former streams of this name that no manifest beside them names."""
    manifests = [target.with_suffix(ending) for ending in (".m3u8", ".mpd")]
    named = "".join(m.read_text("utf-8", "replace") for m in manifests if m.is_file())
    own = re.compile(re.escape(target.stem) + r"-[0-9a-f]{12}")
    for other in target.parent.iterdir():
        ours = own.fullmatch(other.name) and {_MASTER, _MPD} <= _names(other)
        if ours and other != folder and other.name not in named:
            shutil.rmtree(other, ignore_errors=True)


def _names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.is_dir() else set()
