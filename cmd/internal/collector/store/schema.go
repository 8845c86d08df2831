package store

import (
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// schemaVersion is increased with each change of the schema. A store with an unknown
// version is rejected.
const schemaVersion = 3

// The ids of records have no gaps, because only the oldest records are deleted. So the
// number of records is known without counting, and a batch is a range of ids.
const schema = `
CREATE TABLE record (
	id           INTEGER PRIMARY KEY,
	received     INTEGER NOT NULL, -- milliseconds since 1970
	timestamp    INTEGER NOT NULL, -- likewise
	level        INTEGER NOT NULL, -- -1: none
	streams      INTEGER NOT NULL, -- a bit for each
	remote_port  INTEGER NOT NULL,
	remote_ip    TEXT NOT NULL,
	input        TEXT NOT NULL,
	source       TEXT NOT NULL,
	logger       TEXT NOT NULL,
	message      TEXT NOT NULL,
	full_message TEXT NOT NULL,
	fields       TEXT NOT NULL,    -- JSON
	findings     TEXT NOT NULL,    -- JSON, '' for none
	sum          INTEGER           -- checksum, as in all tables; NULL: written by an older version
);
CREATE TABLE count (
	name     TEXT PRIMARY KEY,     -- of a stream
	records  INTEGER NOT NULL,
	errors   INTEGER NOT NULL,
	warnings INTEGER NOT NULL
);
CREATE TABLE span (
	first INTEGER NOT NULL,        -- id of the oldest record
	next  INTEGER NOT NULL         -- id of the next record to come
);
INSERT INTO span VALUES (1, 1);
-- All but the newest few thousand records once more, as columns.
CREATE TABLE block (
	first   INTEGER PRIMARY KEY,   -- id of its first record
	last    INTEGER NOT NULL,
	from_ms INTEGER NOT NULL,      -- the least timestamp
	to_ms   INTEGER NOT NULL,      -- the greatest
	sum     INTEGER
);
CREATE TABLE part (
	first INTEGER NOT NULL,        -- of the block
	name  TEXT NOT NULL,           -- of a field, or a blank and what it is
	data  BLOB NOT NULL,
	sum   INTEGER,
	PRIMARY KEY (first, name)
);
`

// upgrades change a schema to the next version. Version 1 was never released.
var upgrades = map[int]string{
	2: `ALTER TABLE record ADD COLUMN sum INTEGER;
		ALTER TABLE block ADD COLUMN sum INTEGER;
		ALTER TABLE part ADD COLUMN sum INTEGER;`,
}

// insertRows is the number of rows per INSERT. Most of the cost of a statement does
// not depend on the number of rows.
const insertRows = 20

// columns are the columns of the table record, in the order of appendValues.
var columns = [...]string{
	"id", "received", "timestamp", "level", "streams", "remote_port", "remote_ip", "input",
	"source", "logger", "message", "full_message", "fields", "findings", "sum",
}

func appendValues(dst []any, id int64, r *index.Row, sum int64) []any {
	return append(dst, id, r.Received, r.Timestamp, int64(r.Level), int64(r.Streams), int64(r.RemotePort), r.RemoteIP,
		r.Input,
		r.Source, r.Logger, r.Message, r.FullMessage, r.Fields, r.Findings, sum)
}

func insertSQL(rows int) string {
	one := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
	return "INSERT INTO record (" + strings.Join(columns[:], ", ") + ") VALUES " + one + strings.Repeat(","+one, rows-1)
}

// partsSQL selects parts of a block by a JSON list of names.
const partsSQL = "SELECT name, data, sum FROM part WHERE first = ? AND name IN (SELECT value FROM json_each(?))"

// rowSQL selects the columns that scanRow reads.
const rowSQL = "SELECT id, received, timestamp, level, streams, remote_port, remote_ip, input, " +
	"source, logger, message, full_message, fields, findings, sum FROM record WHERE "
