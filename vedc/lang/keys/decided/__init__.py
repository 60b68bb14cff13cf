"""Steps that a list may leave to vedc: ``{auto: balance}``, ``{auto: clean}``."""
