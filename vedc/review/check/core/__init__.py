"""What all checks are made of: findings, limits, the table's rows."""
