"""Edits for rendering services: Shotstack and JSON2Video."""
