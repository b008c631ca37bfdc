"""Data sets with a name: where they are found, downloaded, verified and cached."""
