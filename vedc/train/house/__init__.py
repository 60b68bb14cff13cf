"""Learning the style of finished films: where they cut, how they join, how long, what look."""
