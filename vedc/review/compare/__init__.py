"""What differs between two edits, or two films: text, plan, frames, sound."""
