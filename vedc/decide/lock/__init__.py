"""``vedc.lock``: the decisions of a spec as text, and whether they still apply."""
