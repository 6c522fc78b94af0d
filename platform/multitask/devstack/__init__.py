"""The whole stack on one machine, without containers: PostgreSQL, Redis and the programs on top of them.

Imports no Django, so that it can start what Django needs before Django is set up.
"""
