"""Decided steps of grades: their questions, and the use of the answers."""
