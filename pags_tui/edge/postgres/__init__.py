"""The journal on PostgreSQL, for a team that outgrows one machine: the same events, the same chain, the same rules.

Nothing here imports psycopg but the files that need it, and those are imported only when a journal is a database.
"""
