"""The implementation guides as data files, and the reader of these files."""
