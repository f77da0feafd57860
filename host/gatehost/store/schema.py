"""The whole schema: every part of it, registered by being named here, and the number of its newest step."""

from sqlalchemy import Column, Integer, Table

from gatehost.store.table import account, door, estate, face, gate, log, notice, paper, right
from gatehost.store.table.column import metadata as metadata

PARTS = (estate, account, right, face, door, log, paper, gate, notice)
VERSION = 12  # the newest step of store/migrations

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))
