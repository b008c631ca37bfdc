"""Languages of the report: message catalogues and their extraction."""
