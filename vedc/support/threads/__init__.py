"""Threads that libraries start: how many, and with which priority."""
