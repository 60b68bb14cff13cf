"""``vedc.lock``: the decisions of a spec as text, and when they still apply."""
