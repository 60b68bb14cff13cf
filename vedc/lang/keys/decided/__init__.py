"""What a step of a list may leave to vedc: ``{auto: balance}``, ``{auto: clean}``."""
