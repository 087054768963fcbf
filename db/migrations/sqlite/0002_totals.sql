-- What the sessions of a day add up to, kept beside the calls: so that taking a report costs what is
-- in it, not what is stored of its day. A day without a row here has its sums counted from its calls
-- when something next happens to it.

CREATE TABLE session_totals_daily (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    date TEXT NOT NULL,
    legs INTEGER NOT NULL CHECK (legs >= 0), -- of any kind
    total INTEGER NOT NULL CHECK (total >= 0),
    inbound INTEGER NOT NULL CHECK (inbound >= 0),
    outbound INTEGER NOT NULL CHECK (outbound >= 0),
    answered INTEGER NOT NULL CHECK (answered >= 0),
    missed INTEGER NOT NULL CHECK (missed >= 0),
    unmatched INTEGER NOT NULL CHECK (unmatched >= 0),
    internal INTEGER NOT NULL CHECK (internal >= 0),
    PRIMARY KEY (agency_id, date)
) STRICT, WITHOUT ROWID;

CREATE TABLE member_totals_daily (
    agency_id TEXT NOT NULL,
    date TEXT NOT NULL,
    team_member_id TEXT NOT NULL,
    total INTEGER NOT NULL CHECK (total >= 0),
    inbound INTEGER NOT NULL CHECK (inbound >= 0),
    outbound INTEGER NOT NULL CHECK (outbound >= 0),
    answered INTEGER NOT NULL CHECK (answered >= 0),
    missed INTEGER NOT NULL CHECK (missed >= 0),
    talk_seconds INTEGER NOT NULL CHECK (talk_seconds >= 0), -- the sum of what is known
    talk_known INTEGER NOT NULL CHECK (talk_known >= 0),     -- sessions with a known talk time
    PRIMARY KEY (agency_id, date, team_member_id),
    FOREIGN KEY (agency_id, team_member_id) REFERENCES team_members (agency_id, id)
) STRICT, WITHOUT ROWID;

-- The best coverage of a day without looking at all of its reports.
CREATE INDEX report_days_best
    ON report_days (agency_id, date, source, covered_seconds, COALESCE(covered_until, ''));

-- Rows of call_events come from one function alone, by the million. What it has looked at is not
-- looked at again by the database: only that a leg is there once, and that a member is one of the
-- leg's own agency.

CREATE TABLE call_events_lean (
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
    source_log_id TEXT,  -- email_ingest_logs.id
    source_file_id TEXT, -- report_files.id
    source_sheet TEXT,
    source_row INTEGER,  -- in the sheet, from 1
    source_received_at TEXT,
    covered_seconds INTEGER, -- of its day, by the report it is from
    raw_payload TEXT,    -- JSON object of the cells that have no column here
    UNIQUE (agency_id, provider, external_call_id, leg),
    FOREIGN KEY (agency_id, matched_team_member_id) REFERENCES team_members (agency_id, id)
) STRICT;

INSERT INTO call_events_lean (
    id, agency_id, provider, external_call_id, leg, call_date, direction, call_type, from_number,
    from_name, to_number, to_name, call_started_at, start_estimated, duration_seconds, talk_seconds,
    result, queue, agent, extension, matched_team_member_id, matched_prospect_id, source_log_id,
    source_file_id, source_sheet, source_row, source_received_at, covered_seconds, raw_payload)
SELECT id, agency_id, provider, external_call_id, leg, call_date, direction, call_type, from_number,
    from_name, to_number, to_name, call_started_at, start_estimated, duration_seconds, talk_seconds,
    result, queue, agent, extension, matched_team_member_id, matched_prospect_id, source_log_id,
    source_file_id, source_sheet, source_row, source_received_at, covered_seconds, raw_payload
FROM call_events ORDER BY id;

DROP TABLE call_events;
ALTER TABLE call_events_lean RENAME TO call_events;

CREATE INDEX call_events_by_date ON call_events (agency_id, call_date);
-- Names that are nobody's, with all that the list of them needs, so that it reads no other page:
-- the last column is NULL in every entry, but SQLite would fetch the row to see that.
CREATE INDEX call_events_unmatched
    ON call_events (agency_id, agent, extension, call_date, matched_team_member_id)
    WHERE matched_team_member_id IS NULL AND agent IS NOT NULL;
