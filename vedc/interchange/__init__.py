"""Timelines of other programs: read into specs, and written from resolved edits."""
