"""Finding the effects between a raw clip and an edit of it, together with the grade."""
