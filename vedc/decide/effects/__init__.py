"""Decisions about effects, written as steps that a person can read."""
