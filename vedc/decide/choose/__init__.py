"""Choosing: candidates, features and scores."""
