"""Conversion: claims and remittances as a folder of tables (Parquet, CSV, JSON lines) and back to X12."""

from .claim_documents import DocumentError, batch_of_documents, document_as_837, document_schema
from .remittance_tables import is_remittance_folder, read_remittance_tables, write_remittance_tables
from .tables import TABLE_FORMATS, ConversionError, is_table_folder, read_tables, write_tables
from .x12_file import write_835_file, write_837_file

__all__ = [
    "TABLE_FORMATS",
    "ConversionError",
    "DocumentError",
    "batch_of_documents",
    "document_as_837",
    "document_schema",
    "is_remittance_folder",
    "is_table_folder",
    "read_remittance_tables",
    "read_tables",
    "write_835_file",
    "write_837_file",
    "write_remittance_tables",
    "write_tables",
]
