"""Words of recordings: the choice of engine, and searching."""
