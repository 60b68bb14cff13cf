"""The domain model: a resolved edit, independent of how it is written.

``model``       an Edit: tracks of items and transitions, effects, sound and one output
``time_map``    source time as an exact function of film time, carried by every clip and sound
``times``       times and frame rates: reading them, writing them exactly, rounding to frames
``timecode``    times as text for people: clock time, SMPTE timecode, short seconds
``media_info``  what is known of a media file before it is decoded
``placement``   where on the canvas a picture is shown, and how large
``codecs``      the table of codecs and containers; ``colors`` and ``easing`` are tables too

Film time is an integer number of frames, source time an exact Fraction of seconds, and every range
is half-open. Nothing here reads YAML, probes a file or decides anything.
"""
