"""Reports on styles, for people and programs."""
