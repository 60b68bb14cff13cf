"""One timeline of each format with a bit of everything, to be damaged."""

from __future__ import annotations

from typing import Any, Final

#: Keys whose values may hold anything: they are carried over whole.
FREE: Final = frozenset({"metadata"})

_TIME: Final = {"OTIO_SCHEMA": "RationalTime.1", "value": 10, "rate": 25}
_RANGE: Final = {"OTIO_SCHEMA": "TimeRange.1", "start_time": _TIME, "duration": _TIME}

_WARP: Final = {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": 2}
_MARK: Final = {"OTIO_SCHEMA": "Marker.2", "name": "m", "marked_range": {**_RANGE}}


def _clip(url: str, **more: Any) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": url,
        "source_range": {**_RANGE, "start_time": {**_TIME}, "duration": {**_TIME}},
        "media_references": {
            "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": url}
        },
        "active_media_reference_key": "DEFAULT_MEDIA",
        **more,
    }


JSON: Final[dict[str, Any]] = {
    "otio": {
        "OTIO_SCHEMA": "Timeline.1",
        "name": "film",
        "global_start_time": {**_TIME},
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "children": [
                {
                    "OTIO_SCHEMA": "Track.1",
                    "kind": "Video",
                    "children": [
                        _clip("a.mkv", effects=[_WARP]),
                        {
                            "OTIO_SCHEMA": "Transition.1",
                            "transition_type": "SMPTE_Dissolve",
                            "in_offset": {**_TIME, "value": 2},
                            "out_offset": {**_TIME, "value": 2},
                        },
                        _clip("a.mkv", markers=[_MARK]),
                        {"OTIO_SCHEMA": "Gap.1", "source_range": {**_RANGE}},
                    ],
                },
                {"OTIO_SCHEMA": "Track.1", "kind": "Audio", "children": [_clip("music.wav")]},
            ],
        },
    },
    "editly": {
        "outPath": "out/film.mp4",
        "width": 64,
        "height": 48,
        "fps": 25,
        "keepSourceAudio": True,
        "audioFilePath": "music.wav",
        "outputVolume": 0.5,
        "audioNorm": {"enable": True},
        "audioTracks": [{"path": "music.wav", "start": 1, "cutFrom": 1, "cutTo": 2}],
        "defaults": {"transition": {"name": "fade"}, "layerType": {"title": {"textColor": "red"}}},
        "clips": [
            {
                "duration": 2,
                "transition": {"name": "directional-left", "params": {"direction": [1, 0]}},
                "layers": [
                    {"type": "video", "path": "a.mkv", "cutFrom": 1, "cutTo": 3, "width": 0.5},
                    {"type": "title", "text": "Hello", "position": {"x": 0.5, "y": 0.2}},
                    {"type": "subtitle", "text": "there", "delay": 0.1},
                    {"type": "audio", "path": "music.wav", "cutTo": 1},
                    {"type": "detached-audio", "path": "music.wav", "start": 1},
                ],
            },
            {
                "layers": [
                    {"type": "image", "path": "photo.png"},
                    {"type": "news-title", "text": "x"},
                ]
            },
            {"layers": [{"type": "linear-gradient", "colors": ["red", "blue"], "stop": 2}]},
            {"layers": {"type": "title-background", "text": "x", "background": {"type": "pause"}}},
            {"layers": {"type": "slide-in-text", "text": "y", "fontSize": 0.1}},
        ],
    },
}

_CLIP: Final = {"src": "a.mkv", "start": 0, "dur": 20, "offset": 0, "stream": 0}

JSON["shotstack"] = {
    "timeline": {
        "soundtrack": {"src": "music.wav", "volume": 0.5},
        "background": "#000000",
        "tracks": [
            {
                "clips": [
                    {
                        "asset": {"type": "video", "src": "a.mkv", "trim": 1, "crop": {"top": 0.1}},
                        "start": 0,
                        "length": 2,
                        "transition": {"in": "fade"},
                        "offset": {"x": 0.1},
                        "transform": {"rotate": {"angle": 5}, "flip": {"vertical": True}},
                        "opacity": [{"from": 0, "to": 1, "start": 0, "length": 1}],
                    },
                    {
                        "asset": {"type": "text", "text": "x", "font": {"size": 20}},
                        "start": 2,
                        "length": 1,
                        "effect": "zoomIn",
                    },
                ]
            }
        ],
    },
    "output": {"format": "mp4", "size": {"width": 64, "height": 48}},
}
JSON["json2video"] = {
    "width": 64,
    "height": 48,
    "scenes": [
        {
            "duration": 2,
            "transition": {"style": "fade", "duration": 1},
            "elements": [
                {"type": "image", "src": "photo.png", "rotate": {"angle": 3}, "x": 1, "y": 2},
                {"type": "text", "text": "x", "settings": {"font-size": 20}},
                {"type": "audio", "src": "music.wav", "volume": 0.5},
            ],
        }
    ],
    "elements": [{"type": "video", "src": "a.mkv", "crop": {"x": 0, "y": 0, "width": 9}}],
}
JSON["auto-editor"] = {
    "version": "3",
    "timebase": "25/1",
    "background": "#000",
    "resolution": [64, 48],
    "v": [[{**_CLIP, "effects": ["speed:2"]}, {**_CLIP, "start": 20, "offset": 30}]],
    "a": [[{**_CLIP}]],
    "transitions": {
        "v": [[{"kind": "dissolve", "at": 20, "dur": 4, "alignment": "center"}]],
        "a": [[]],
    },
}
