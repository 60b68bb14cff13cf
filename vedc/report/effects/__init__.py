"""Found effects, for people and programs."""
