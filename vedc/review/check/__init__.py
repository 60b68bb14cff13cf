"""A delivery gate: what is wrong with a finished film, before someone else says so."""
