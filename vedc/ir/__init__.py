"""The typed graph of interned nodes."""
