"""Workers on other machines: the hand-out is that of ``workers``, and Ray carries the messages."""
