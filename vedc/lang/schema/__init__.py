"""The types that describe the language: values, records, units, and their checks."""
