"""The verbs of the service: plain functions over a connection to read, a session to write, and the files.

No request, no HTTP. Statements that every request needs are built once, at import: building one costs more than running it.
"""
