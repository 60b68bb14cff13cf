"""Joining packets that are copied from footage with rendered segments."""
