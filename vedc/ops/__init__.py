"""Every op, declared once."""
