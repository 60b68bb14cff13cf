"""Words: what is said in a recording, and when. No sound and no word leaves the machine."""
