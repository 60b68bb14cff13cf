"""How the camera of a shot moves."""
