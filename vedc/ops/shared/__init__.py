"""Formulas that ops of several kinds share."""
