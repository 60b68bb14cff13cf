"""The size at which an item with a decision is drawn."""

from __future__ import annotations

import math

from vedc.edit.contents import Clip, Image
from vedc.edit.model import Profile, TimelineItem
from vedc.edit.placement import fit_factors, largest_box, largest_scale
from vedc.edit.values import Keyframes


def drawn_scale(item: TimelineItem, profile: Profile) -> float:
    """Film pixels for one pixel of the file, the mean of both sides; the largest if that moves."""
    content, frame = item.content, item.frame
    assert isinstance(content, (Clip, Image))
    if isinstance(content, Clip):
        assert content.media.video is not None
        width, height = content.media.video.display_size
    else:
        width, height = content.width, content.height
    crop = frame.of("source").get("crop")
    if isinstance(crop, Keyframes):  # the closest view is drawn largest
        sides = [p.value[2:] for p in crop.points if isinstance(p.value, tuple)]
        own = min(side[0] for side in sides), min(side[1] for side in sides)
    elif isinstance(crop, tuple):
        own = float(crop[2]), float(crop[3])
    else:
        own = float(width), float(height)
    box = largest_box(frame) or (float(profile.width), float(profile.height))
    across, down = fit_factors(own, box, frame)
    wide, high = largest_scale(frame)
    return math.sqrt(abs(across * down * wide * high))
