"""Grades that commands find: told, and written as looks."""
