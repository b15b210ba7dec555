"""The side of the test machine: the API's client, the uploader, the importers. Imports nothing of the server."""
