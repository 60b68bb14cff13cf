"""The effects between a raw clip and an edit of it, found together with the grade."""
