"""Prepares the environment before Django reads its settings: a data folder and a PostgreSQL of the suite's own."""
