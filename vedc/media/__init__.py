"""Probe, decode, encode, mux: all of PyAV lives here."""
