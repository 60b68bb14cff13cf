"""Picture files, still or animated: their kinds, their contents and their pixels."""
