"""Shared by all checks: findings, limits, the table's rows."""
