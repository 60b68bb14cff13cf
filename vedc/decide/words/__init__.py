"""Words: what is said in a recording, and when. Neither sound nor words leave the machine."""
