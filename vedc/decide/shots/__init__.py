"""Shot detectors, and the shots they give."""
