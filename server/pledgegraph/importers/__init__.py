"""Importers: public records of the United Nations into canonical Turtle."""
