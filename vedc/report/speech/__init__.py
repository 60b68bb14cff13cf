"""What is said in recordings, as tables, JSON and transcripts."""
