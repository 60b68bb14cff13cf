"""The space of grades: arrays and card."""
