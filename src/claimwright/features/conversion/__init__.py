"""Conversion: claims as a folder of tables (Parquet, CSV, JSON lines) and back to 837."""

from .tables import TABLE_FORMATS, ConversionError, is_table_folder, read_tables, write_tables
from .x12_file import write_837_file

__all__ = [
    "TABLE_FORMATS",
    "ConversionError",
    "is_table_folder",
    "read_tables",
    "write_837_file",
    "write_tables",
]
