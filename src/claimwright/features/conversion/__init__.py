"""Conversion: claims as a folder of tables (Parquet, CSV, JSON lines) and back to 837."""

from .claim_documents import DocumentError, batch_of_documents, document_as_837, document_schema
from .tables import TABLE_FORMATS, ConversionError, is_table_folder, read_tables, write_tables
from .x12_file import write_837_file

__all__ = [
    "TABLE_FORMATS",
    "ConversionError",
    "DocumentError",
    "batch_of_documents",
    "document_as_837",
    "document_schema",
    "is_table_folder",
    "read_tables",
    "write_837_file",
    "write_tables",
]
