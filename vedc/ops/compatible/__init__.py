"""Transitions that draw exactly what another program draws, named ``program:name``."""
