"""Finding the grade between a pair of pictures, raw and graded."""
