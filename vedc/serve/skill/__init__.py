"""``vedc skill``: what an agent reads to learn how to edit with vedc."""
