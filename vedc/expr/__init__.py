"""The pixel language: math namespace, Expr nodes, rewrite rules, programs."""
