"""Files of pictures rather than film: one, numbered ones, and animations."""
