"""Grades that commands find: reports, and looks."""
