"""The resolved edit: items, media, times, codecs, colours. Nothing here knows how it is written."""
