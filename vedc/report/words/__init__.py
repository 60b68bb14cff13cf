"""What the words of the language mean."""
