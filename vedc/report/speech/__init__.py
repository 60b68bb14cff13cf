"""Speech in recordings, as tables, JSON and transcripts."""
