"""Files of other programs as trees that record which parts were read."""
