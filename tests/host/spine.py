# ruff: noqa: E501
"""A database as the first version made it, without the code of today: its tables word for word, and some rows."""

import sqlite3
from pathlib import Path

SCHEMA = """
CREATE TABLE audit ( id INTEGER NOT NULL, at INTEGER NOT NULL, account INTEGER, who TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, home TEXT NOT NULL, about TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (id) );
CREATE INDEX audit_home ON audit (home);
CREATE TABLE entry ( id INTEGER NOT NULL, at INTEGER NOT NULL, received_at INTEGER NOT NULL, tq INTEGER NOT NULL, typ INTEGER NOT NULL, result INTEGER, method INTEGER, reason INTEGER, flags INTEGER, home TEXT, person BLOB, mark BLOB, verdict INTEGER NOT NULL, entry BLOB NOT NULL, private BLOB, PRIMARY KEY (id) );
CREATE INDEX entry_at ON entry (at);
CREATE INDEX entry_home ON entry (home, at) WHERE home IS NOT NULL;
CREATE TABLE estate ( id TEXT NOT NULL, name TEXT NOT NULL, dial_length INTEGER NOT NULL, offsets TEXT NOT NULL, generation INTEGER NOT NULL, PRIMARY KEY (id) );
CREATE TABLE party ( id TEXT NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL, born TEXT NOT NULL, PRIMARY KEY (id) );
CREATE TABLE place ( id TEXT NOT NULL, parent TEXT, kind TEXT NOT NULL, name TEXT NOT NULL, dial TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(parent) REFERENCES place (id) );
CREATE INDEX place_parent ON place (parent);
CREATE TABLE schema_version ( version INTEGER NOT NULL, PRIMARY KEY (version) );
CREATE TABLE seal ( id INTEGER NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (id) );
CREATE TABLE account ( id INTEGER NOT NULL, party TEXT NOT NULL, login TEXT, role TEXT NOT NULL, password TEXT, language TEXT NOT NULL, wrong INTEGER NOT NULL, closed_until INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(party) REFERENCES party (id), UNIQUE (login) );
CREATE TABLE code ( id INTEGER NOT NULL, home TEXT NOT NULL, visitor TEXT NOT NULL, kind TEXT NOT NULL, day INTEGER, slot INTEGER, hidden BLOB, mark BLOB NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, uses INTEGER NOT NULL, weekdays INTEGER NOT NULL, first_hours INTEGER NOT NULL, made_at INTEGER NOT NULL, made_by TEXT NOT NULL, revoked_at INTEGER, link_hash BLOB NOT NULL, PRIMARY KEY (id), UNIQUE (home, day, slot), FOREIGN KEY(home) REFERENCES place (id) );
CREATE INDEX code_home ON code (home, until);
CREATE INDEX code_link ON code (link_hash);
CREATE TABLE consent ( id INTEGER NOT NULL, party TEXT NOT NULL, purpose TEXT NOT NULL, text_version TEXT NOT NULL, signer TEXT NOT NULL, given_at INTEGER NOT NULL, withdrawn_at INTEGER, PRIMARY KEY (id), FOREIGN KEY(party) REFERENCES party (id) );
CREATE TABLE gate_building ( gate TEXT NOT NULL, building TEXT NOT NULL, PRIMARY KEY (gate, building), FOREIGN KEY(gate) REFERENCES place (id), FOREIGN KEY(building) REFERENCES place (id) );
CREATE TABLE pin ( id INTEGER NOT NULL, home TEXT NOT NULL, party TEXT NOT NULL, hidden BLOB NOT NULL, mark BLOB NOT NULL, duress INTEGER NOT NULL, given_at INTEGER NOT NULL, ended_at INTEGER, PRIMARY KEY (id), FOREIGN KEY(home) REFERENCES place (id), FOREIGN KEY(party) REFERENCES party (id) );
CREATE INDEX pin_home ON pin (home);
CREATE TABLE policy ( id INTEGER NOT NULL, place TEXT NOT NULL, "key" TEXT NOT NULL, value TEXT NOT NULL, decided_by TEXT NOT NULL, document TEXT NOT NULL, why TEXT NOT NULL, since INTEGER NOT NULL, set_by TEXT NOT NULL, PRIMARY KEY (id), FOREIGN KEY(place) REFERENCES place (id) );
CREATE INDEX policy_place ON policy (place, "key");
CREATE TABLE sealed_templates ( party TEXT NOT NULL, model TEXT NOT NULL, photos INTEGER NOT NULL, sealed BLOB NOT NULL, hash BLOB NOT NULL, made_at INTEGER NOT NULL, PRIMARY KEY (party), FOREIGN KEY(party) REFERENCES party (id) );
CREATE INDEX sealed_hash ON sealed_templates (hash);
CREATE TABLE slot ( id TEXT NOT NULL, place TEXT NOT NULL, kind TEXT NOT NULL, direction INTEGER NOT NULL, unlock_ms INTEGER NOT NULL, held_ms INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES place (id), FOREIGN KEY(place) REFERENCES place (id) );
CREATE TABLE tie ( id INTEGER NOT NULL, party TEXT NOT NULL, place TEXT NOT NULL, role TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, callable INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(party) REFERENCES party (id), FOREIGN KEY(place) REFERENCES place (id) );
CREATE INDEX tie_party ON tie (party);
CREATE INDEX tie_place ON tie (place);
CREATE TABLE claim ( id INTEGER NOT NULL, slot TEXT NOT NULL, hidden BLOB NOT NULL, until INTEGER NOT NULL, used_at INTEGER, PRIMARY KEY (id), FOREIGN KEY(slot) REFERENCES slot (id) );
CREATE INDEX claim_slot ON claim (slot);
CREATE TABLE credential ( id INTEGER NOT NULL, party TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, consent INTEGER, number TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (id), CONSTRAINT a_face_needs_a_consent CHECK (kind <> 'face' OR consent IS NOT NULL), FOREIGN KEY(party) REFERENCES party (id), FOREIGN KEY(consent) REFERENCES consent (id) );
CREATE INDEX credential_party ON credential (party);
CREATE TABLE device ( no INTEGER NOT NULL, dev TEXT NOT NULL, slot TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL, public BLOB NOT NULL, box BLOB, request BLOB NOT NULL, nonce BLOB NOT NULL, digits TEXT NOT NULL, state TEXT NOT NULL, cert BLOB, since INTEGER NOT NULL, last_seen INTEGER, generation INTEGER NOT NULL, version INTEGER NOT NULL, quality INTEGER NOT NULL, storage_ok INTEGER NOT NULL, software TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL, receipt BLOB, receipt_before BLOB, PRIMARY KEY (no), UNIQUE (dev), FOREIGN KEY(slot) REFERENCES slot (id) );
CREATE INDEX device_slot ON device (slot);
CREATE TABLE link ( hash BLOB NOT NULL, account INTEGER NOT NULL, purpose TEXT NOT NULL, until INTEGER NOT NULL, used_at INTEGER, PRIMARY KEY (hash), FOREIGN KEY(account) REFERENCES account (id) );
CREATE TABLE session ( hash BLOB NOT NULL, account INTEGER NOT NULL, made_at INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (hash), FOREIGN KEY(account) REFERENCES account (id) );
CREATE TABLE alarm ( id INTEGER NOT NULL, device INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, home TEXT NOT NULL, seen_by TEXT NOT NULL, seen_at INTEGER, PRIMARY KEY (id), FOREIGN KEY(device) REFERENCES device (no) );
CREATE INDEX alarm_seen ON alarm (seen_at);
CREATE TABLE call ( id TEXT NOT NULL, device INTEGER NOT NULL, home TEXT NOT NULL, state TEXT NOT NULL, "by" TEXT NOT NULL, account INTEGER, began_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, ended_at INTEGER, PRIMARY KEY (id), FOREIGN KEY(device) REFERENCES device (no), FOREIGN KEY(home) REFERENCES place (id) );
CREATE INDEX call_home ON call (home, began_at);
CREATE INDEX call_live ON call (ended_at);
CREATE TABLE chunk ( device INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, content BLOB NOT NULL, PRIMARY KEY (device, position), FOREIGN KEY(device) REFERENCES device (no) );
CREATE TABLE erasure ( party TEXT NOT NULL, device INTEGER NOT NULL, asked_at INTEGER NOT NULL, done_at INTEGER, PRIMARY KEY (party, device), FOREIGN KEY(party) REFERENCES party (id), FOREIGN KEY(device) REFERENCES device (no) );
CREATE TABLE fork ( id INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, entry BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (id), FOREIGN KEY(device) REFERENCES device (no) );
CREATE TABLE sealed_key ( party TEXT NOT NULL, device INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (party, device), FOREIGN KEY(party) REFERENCES party (id), FOREIGN KEY(device) REFERENCES device (no) );
CREATE TABLE state ( device INTEGER NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL, header BLOB NOT NULL, PRIMARY KEY (device), FOREIGN KEY(device) REFERENCES device (no) );
"""
ROWS = """
INSERT INTO schema_version VALUES (1);
INSERT INTO estate VALUES ('estate', '春江花园', 6, '[[0, 480]]', 1);
INSERT INTO place VALUES ('estate', NULL, 'estate', '春江花园', '', 0), ('b12', 'estate', 'building', '12栋', '12', 1000),
    ('120502', 'b12', 'home', '12栋502', '120502', 0);
INSERT INTO party VALUES ('00000000000000000000000000000001', '李梅', '13900000001', '');
INSERT INTO tie VALUES (1, '00000000000000000000000000000001', '120502', 'owner', 5, NULL, 1);
INSERT INTO consent VALUES (1, '00000000000000000000000000000001', 'face-entry', 'face-consent/1', '李梅', 6, NULL);
INSERT INTO credential VALUES (1, '00000000000000000000000000000001', 'face', 'active', 1, '2026-00001', 7, 9);
INSERT INTO policy VALUES (1, 'b12', 'home_open', 'call_only', '业主大会', '2026-7', '夜间安全', 8, 'seed');
INSERT INTO account VALUES (1, '00000000000000000000000000000001', 'limei', 'resident', NULL, 'zh_CN', 0, 0);
INSERT INTO pin VALUES (1, '120502', '00000000000000000000000000000001', x'00', x'00', 0, 9, NULL);
"""


def spine(path: Path) -> None:
    """Writes the file."""
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.executescript(SCHEMA)
        base.executescript(ROWS)
    base.close()
