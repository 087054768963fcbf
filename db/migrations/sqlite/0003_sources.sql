-- Where a call is from stands once for each sheet of a file, instead of in each of its millions of
-- rows. Messages and raw mail are listed and dropped in the order of arrival, which is that of their
-- serial: an index over the time is not needed for it.

CREATE TABLE call_sources (
    id INTEGER PRIMARY KEY,
    agency_id TEXT NOT NULL,
    log_id TEXT,         -- email_ingest_logs.id
    file_id TEXT,        -- report_files.id
    sheet TEXT,
    received_at TEXT
) STRICT;

INSERT INTO call_sources (agency_id, log_id, file_id, sheet, received_at)
SELECT DISTINCT agency_id, source_log_id, source_file_id, source_sheet, source_received_at
FROM call_events
WHERE source_log_id IS NOT NULL OR source_file_id IS NOT NULL OR source_received_at IS NOT NULL;

CREATE TABLE call_events_sourced (
    id INTEGER PRIMARY KEY,
    agency_id TEXT NOT NULL,
    provider TEXT NOT NULL,         -- ringcentral
    external_call_id TEXT NOT NULL, -- of the session: not unique, a queue call has several legs
    leg TEXT NOT NULL,              -- names the leg within its session by its content
    call_date TEXT NOT NULL,        -- local day on which the session's first leg starts
    direction TEXT,
    call_type TEXT,                 -- the report's own word for the direction
    from_number TEXT,
    from_name TEXT,
    to_number TEXT,
    to_name TEXT,
    call_started_at TEXT NOT NULL,
    start_estimated INTEGER NOT NULL,
    duration_seconds INTEGER, -- ringing included
    talk_seconds INTEGER,
    result TEXT,    -- as reported
    queue TEXT,
    agent TEXT,     -- the name that the leg gives to our side; NULL: nobody
    extension TEXT, -- of our side, as far as the leg tells
    matched_team_member_id TEXT,
    matched_prospect_id TEXT,
    source_id INTEGER,       -- call_sources.id
    source_row INTEGER,      -- in the sheet, from 1
    covered_seconds INTEGER, -- of its day, by the report it is from
    raw_payload TEXT,    -- JSON object of the cells that have no column here
    UNIQUE (agency_id, provider, external_call_id, leg),
    FOREIGN KEY (agency_id, matched_team_member_id) REFERENCES team_members (agency_id, id)
) STRICT;

INSERT INTO call_events_sourced (
    id, agency_id, provider, external_call_id, leg, call_date, direction, call_type, from_number,
    from_name, to_number, to_name, call_started_at, start_estimated, duration_seconds, talk_seconds,
    result, queue, agent, extension, matched_team_member_id, matched_prospect_id, source_id,
    source_row, covered_seconds, raw_payload)
SELECT e.id, e.agency_id, e.provider, e.external_call_id, e.leg, e.call_date, e.direction,
    e.call_type, e.from_number, e.from_name, e.to_number, e.to_name, e.call_started_at,
    e.start_estimated, e.duration_seconds, e.talk_seconds, e.result, e.queue, e.agent, e.extension,
    e.matched_team_member_id, e.matched_prospect_id, s.id, e.source_row, e.covered_seconds,
    e.raw_payload
FROM call_events e
LEFT JOIN call_sources s ON s.agency_id = e.agency_id AND s.file_id IS e.source_file_id
    AND s.log_id IS e.source_log_id AND s.sheet IS e.source_sheet
    AND s.received_at IS e.source_received_at
ORDER BY e.id;

DROP TABLE call_events;
ALTER TABLE call_events_sourced RENAME TO call_events;

-- Which stretches of call_events hold the calls of a day: each file writes its calls in one stretch,
-- day by day. An index over the date would have an entry for each of millions of rows; this has one
-- for each file. A stretch may hold other days, too, and two of a day may overlap.
CREATE TABLE call_spans (
    agency_id TEXT NOT NULL,
    date TEXT NOT NULL,
    first_id INTEGER NOT NULL, -- call_events.id
    last_id INTEGER NOT NULL CHECK (last_id >= first_id),
    PRIMARY KEY (agency_id, date, first_id)
) STRICT, WITHOUT ROWID;

INSERT INTO call_spans (agency_id, date, first_id, last_id)
SELECT agency_id, call_date, MIN(id), MAX(id) FROM call_events GROUP BY agency_id, call_date;

-- Names that are nobody's, with all that the list of them needs, so that it reads no other page:
-- the last column is NULL in every entry, but SQLite would fetch the row to see that.
CREATE INDEX call_events_unmatched
    ON call_events (agency_id, agent, extension, call_date, matched_team_member_id)
    WHERE matched_team_member_id IS NULL AND agent IS NOT NULL;

-- The sums of a day's members change together with each report, and stand together: a line for each
-- member, with id, total, inbound, outbound, answered, missed, talk_seconds, talk_known. Those that
-- were kept apart are counted again when something next happens to their day.
DELETE FROM session_totals_daily;
ALTER TABLE session_totals_daily ADD COLUMN members TEXT NOT NULL DEFAULT '';
DROP TABLE member_totals_daily;

DROP INDEX email_ingest_logs_by_time;

CREATE TABLE raw_messages_in_order (
    serial INTEGER PRIMARY KEY,   -- order of arrival
    id TEXT NOT NULL UNIQUE,      -- of the message
    received_at TEXT NOT NULL,
    trace TEXT,          -- our header fields before the message, with CRLF
    bytes BLOB NOT NULL  -- as received, dots unstuffed
) STRICT;

INSERT INTO raw_messages_in_order (id, received_at, trace, bytes)
SELECT id, received_at, trace, bytes FROM raw_messages ORDER BY received_at, id;

DROP TABLE raw_messages;
ALTER TABLE raw_messages_in_order RENAME TO raw_messages;
