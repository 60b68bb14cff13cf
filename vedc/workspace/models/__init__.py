"""Files of networks: pinned in vedc.lock, and on their own."""
