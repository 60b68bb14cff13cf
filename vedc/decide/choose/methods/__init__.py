"""The methods of ``cut``: each answers one kind of question."""
