"""The methods of ``cut``, each for one kind of question."""
