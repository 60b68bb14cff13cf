"""Grades: a colour in, a colour out."""
