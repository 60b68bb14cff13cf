"""Learning the style of finished films: cuts, transitions, shot lengths and look."""
