CREATE TABLE runs (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	caller          TEXT    NOT NULL,
	kind            TEXT    NOT NULL,
	target          TEXT    NOT NULL,
	fingerprint     TEXT    NOT NULL,
	input_shapes    TEXT    NOT NULL, -- a JSON array
	allow_duplicate INTEGER NOT NULL,
	state           TEXT    NOT NULL,
	lease_until     INTEGER NOT NULL,
	task            TEXT,
	matched         INTEGER NOT NULL,
	status          TEXT    NOT NULL,
	credits         INTEGER,
	assume          INTEGER NOT NULL,
	sent_at         INTEGER NOT NULL,
	begun_at        INTEGER NOT NULL,
	ended_at        INTEGER NOT NULL,
	told_at         INTEGER NOT NULL,
	batch           TEXT    NOT NULL,
	row             INTEGER NOT NULL
) STRICT;

CREATE INDEX runs_fingerprint ON runs (caller, fingerprint);
CREATE INDEX runs_begun ON runs (caller, begun_at);
CREATE INDEX runs_target ON runs (caller, kind, target);
CREATE INDEX runs_open ON runs (caller, begun_at) WHERE state = 'started' AND ended_at = 0;
CREATE INDEX runs_unsettled ON runs (caller) WHERE state IN ('intended', 'unknown');
CREATE UNIQUE INDEX runs_task ON runs (task, caller) WHERE task IS NOT NULL;

CREATE TABLE keys (
	key        TEXT    PRIMARY KEY,
	run        INTEGER NOT NULL,
	bound_from INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
	id         TEXT    PRIMARY KEY,
	caller     TEXT    NOT NULL,
	kind       TEXT    NOT NULL,
	target     TEXT    NOT NULL,
	settings   TEXT    NOT NULL, -- JSON
	created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE batch_rows (
	batch       TEXT    NOT NULL REFERENCES batches (id),
	number      INTEGER NOT NULL,
	state       TEXT    NOT NULL,
	inputs      TEXT,
	run         INTEGER NOT NULL,
	task        TEXT    NOT NULL,
	reason      TEXT    NOT NULL,
	lease_until INTEGER NOT NULL,
	PRIMARY KEY (batch, number)
) STRICT;
