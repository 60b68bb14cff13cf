"""Files of other programs as trees that remember what was read of them."""
