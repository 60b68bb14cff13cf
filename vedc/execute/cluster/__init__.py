"""Workers on other machines: ``workers`` distributes the work, and Ray carries the messages."""
