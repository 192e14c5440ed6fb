"""The envelope and heading of an 837: who sends what to whom, one row a transaction set."""

from __future__ import annotations

from .field import Entries, Kind, Level
from .parties import party

CODE, TEXT, DATE, TIME = Kind.CODE, Kind.TEXT, Kind.DATE, Kind.TIME

add = Entries(Level.TRANSACTION)

add("authorization_qualifier", CODE, "ISA/ISA01", "whether authorization information is present")
add("authorization_information", TEXT, "ISA/ISA02", "authorization information agreed with the receiver")
add("security_qualifier", CODE, "ISA/ISA03", "whether security information is present")
add("security_information", TEXT, "ISA/ISA04", "security information agreed with the receiver")
add("interchange_sender_qualifier", CODE, "ISA/ISA05", "what kind of identifier the sender uses")
add("interchange_sender_id", CODE, "ISA/ISA06", "sender of the interchange")
add("interchange_receiver_qualifier", CODE, "ISA/ISA07", "what kind of identifier the receiver uses")
add("interchange_receiver_id", CODE, "ISA/ISA08", "receiver of the interchange")
add("interchange_created_on", DATE, "ISA/ISA09", "date of the interchange")
add("interchange_created_at", TIME, "ISA/ISA10", "time of the interchange")
add("interchange_control_number", CODE, "ISA/ISA13", "control number that ISA and IEA share")
add("acknowledgment_requested", CODE, "ISA/ISA14", "1 asks for a TA1")
add("usage_indicator", CODE, "ISA/ISA15", "P production, T test")
add("application_sender", CODE, "GS/GS02", "sending application")
add("application_receiver", CODE, "GS/GS03", "receiving application")
add("group_created_on", DATE, "GS/GS04", "date of the functional group")
add("group_created_at", TIME, "GS/GS05", "time of the functional group")
add("group_control_number", CODE, "GS/GS06", "control number that GS and GE share")
add("guide_version", CODE, "GS/GS08", "implementation guide, with its errata")
add("transaction_control_number", CODE, "HEADER/ST02", "control number that ST and SE share")
add("transaction_purpose", CODE, "HEADER/BHT02", "00 original, 18 reissue")
add("batch_reference", CODE, "HEADER/BHT03", "the submitter's number for the batch")
add("transaction_created_on", DATE, "HEADER/BHT04", "date on which the submitter made the batch")
add("transaction_created_at", TIME, "HEADER/BHT05", "time at which the submitter made the batch")
add("transaction_type", CODE, "HEADER/BHT06", "CH chargeable claims, RP reporting (encounters), 31 subrogation")
party(add, "submitter", {"PID": "1000A"}, "41", "Submitter", identifier="id", contact=True)
party(add, "receiver", {"PID": "1000B"}, "40", "Receiver", identifier="id", people="")

FIELDS = tuple(add.fields)
