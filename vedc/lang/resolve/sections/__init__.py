"""Sections of a spec beside its timeline: profile, assets, outputs."""
