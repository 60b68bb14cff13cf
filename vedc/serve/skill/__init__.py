"""``vedc skill``: the file from which an agent learns to edit with vedc."""
