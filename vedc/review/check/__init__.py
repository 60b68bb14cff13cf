"""A delivery gate: finds what is wrong with a finished film before someone else does."""
