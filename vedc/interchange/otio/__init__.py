"""OpenTimelineIO: timelines as JSON (https://opentimelineio.readthedocs.io)."""
