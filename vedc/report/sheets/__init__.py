"""Contact sheets, and the pictures in them."""
