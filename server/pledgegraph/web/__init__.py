"""The HTTP side: SPARQL protocol, linked data, descriptions, downloads and pages. Flask lives here only."""
