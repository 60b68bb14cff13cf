"""Network files: pinned in vedc.lock, and on their own."""
