"""The storyboard of an edit."""
