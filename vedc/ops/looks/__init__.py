"""Colour files as ops and plans have them: data, without the program that reads them."""
