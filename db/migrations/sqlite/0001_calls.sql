-- The path of a mailed report: agencies and their keys, people, what was received, calls, figures.
--
-- Every key begins with the agency, so that what one agency has stored costs another nothing; the
-- exceptions are what is looked up before the agency is known (a key, a message's id).
-- Ids are UUIDs as text. Times are UTC, 2026-01-05T17:32:12Z; dates are local days of the agency,
-- 2026-01-05. An unknown number is NULL, never 0.

CREATE TABLE agencies (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL UNIQUE, -- the name without case: two may not differ in case alone
    timezone TEXT NOT NULL,           -- IANA
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE ingest_keys (
    serial INTEGER PRIMARY KEY, -- order of making, where created_at is the same second
    key_hash TEXT NOT NULL UNIQUE CHECK (length(key_hash) = 64), -- SHA-256 of key, lower-case hex
    key TEXT NOT NULL CHECK (length(key) = 26),                  -- base32, lower case
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    created_at TEXT NOT NULL,
    expires_at TEXT, -- NULL: never
    disabled_at TEXT -- NULL: not disabled
) STRICT;

CREATE INDEX ingest_keys_by_agency ON ingest_keys (agency_id);

CREATE TABLE team_members (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    email TEXT,
    email_folded TEXT, -- the e-mail without case
    extension TEXT,    -- digits
    role TEXT NOT NULL CHECK (role IN ('owner', 'key_employee', 'manager', 'staff')),
    status TEXT NOT NULL CHECK (status IN ('active', 'inactive')),
    PRIMARY KEY (agency_id, id),
    UNIQUE (agency_id, email_folded),
    UNIQUE (agency_id, extension),
    CHECK ((email IS NULL) = (email_folded IS NULL))
) STRICT;

CREATE TABLE member_aliases (
    agency_id TEXT NOT NULL,
    name TEXT NOT NULL, -- as reports spell it
    team_member_id TEXT NOT NULL,
    PRIMARY KEY (agency_id, name),
    FOREIGN KEY (agency_id, team_member_id) REFERENCES team_members (agency_id, id)
) STRICT;

-- One row per agency of an accepted message, upload or replay. It is written last in its
-- transaction, when the verdict is known; that is why no foreign key points at it.
CREATE TABLE email_ingest_logs (
    serial INTEGER PRIMARY KEY, -- order of arrival, where received_at is the same second
    id TEXT NOT NULL,           -- of the message: the same for all its agencies
    agency_id TEXT REFERENCES agencies (id), -- NULL: mail to postmaster or abuse
    channel TEXT NOT NULL,                   -- smtp, upload, replay
    sender TEXT,        -- reverse-path; '' is the null path; NULL: not a mail
    recipient TEXT,     -- forward-path
    subject TEXT,       -- decoded
    message_id TEXT,    -- with its angle brackets
    sha256 TEXT,        -- of the message as received, lower-case hex
    verdict TEXT NOT NULL,
    files TEXT,         -- JSON array, one object per file
    error_message TEXT, -- why, when the verdict is not stored
    bytes INTEGER CHECK (bytes >= 0),
    received_at TEXT NOT NULL,
    took_ms INTEGER CHECK (took_ms >= 0), -- from the end of the message to before the commit
    UNIQUE (id, agency_id)
) STRICT;

CREATE UNIQUE INDEX email_ingest_logs_of_nobody ON email_ingest_logs (id) WHERE agency_id IS NULL;
CREATE INDEX email_ingest_logs_by_agency ON email_ingest_logs (agency_id, received_at);
CREATE INDEX email_ingest_logs_by_time ON email_ingest_logs (received_at);

-- Apart from the log, because it is dropped earlier.
CREATE TABLE raw_messages (
    id TEXT NOT NULL PRIMARY KEY, -- of the message
    received_at TEXT NOT NULL,
    trace TEXT,          -- our header fields before the message, with CRLF
    bytes BLOB NOT NULL  -- as received, dots unstuffed
) STRICT;

CREATE INDEX raw_messages_by_time ON raw_messages (received_at);

-- A workbook that was read for an agency.
CREATE TABLE report_files (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    id TEXT NOT NULL,
    log_id TEXT NOT NULL, -- email_ingest_logs.id
    name TEXT,
    kind TEXT,            -- calls, users, calls+users
    sha256 TEXT NOT NULL, -- of the workbook, lower-case hex
    timezone TEXT,        -- IANA; the one it was read in
    from_time TEXT,       -- range of its Filters, time on the wall: 2026-01-05T00:00:00
    to_time TEXT,
    received_at TEXT NOT NULL,
    PRIMARY KEY (agency_id, id),
    UNIQUE (agency_id, sha256)
) STRICT;

-- What a workbook covers of a day.
CREATE TABLE report_days (
    agency_id TEXT NOT NULL,
    date TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('calls', 'users')),
    file_id TEXT NOT NULL,
    covered_seconds INTEGER NOT NULL CHECK (covered_seconds >= 0), -- 0: the range is unknown
    covered_until TEXT,
    PRIMARY KEY (agency_id, date, source, file_id),
    FOREIGN KEY (agency_id, file_id) REFERENCES report_files (agency_id, id)
) STRICT, WITHOUT ROWID;

-- One row per leg of a call. Millions of rows: an index here is paid by each of them, and one in
-- the order of random ids would touch a cold page for each.
CREATE TABLE call_events (
    id INTEGER PRIMARY KEY,
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    provider TEXT NOT NULL,         -- ringcentral
    external_call_id TEXT NOT NULL, -- of the session: not unique, a queue call has several legs
    leg TEXT NOT NULL,              -- names the leg within its session by its content
    call_date TEXT NOT NULL,        -- local day on which the session's first leg starts
    direction TEXT CHECK (direction IN ('Inbound', 'Outbound', 'Internal')),
    call_type TEXT,                 -- the report's own word for the direction
    from_number TEXT,
    from_name TEXT,
    to_number TEXT,
    to_name TEXT,
    call_started_at TEXT NOT NULL,
    start_estimated INTEGER NOT NULL CHECK (start_estimated IN (0, 1)),
    duration_seconds INTEGER CHECK (duration_seconds >= 0), -- ringing included
    talk_seconds INTEGER CHECK (talk_seconds >= 0),
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
    covered_seconds INTEGER CHECK (covered_seconds >= 0), -- of its day, by the report it is from
    raw_payload TEXT,    -- JSON object of the cells that have no column here
    UNIQUE (agency_id, provider, external_call_id, leg),
    FOREIGN KEY (agency_id, matched_team_member_id) REFERENCES team_members (agency_id, id)
) STRICT;

CREATE INDEX call_events_by_date ON call_events (agency_id, call_date);

-- Names that are nobody's, with all that the list of them needs, so that it reads no other page:
-- the last column is NULL in every entry, but SQLite would fetch the row to see that.
CREATE INDEX call_events_unmatched
    ON call_events (agency_id, agent, extension, call_date, matched_team_member_id)
    WHERE matched_team_member_id IS NULL AND agent IS NOT NULL;

-- The rows of Users reports, as reported.
CREATE TABLE user_reports (
    serial INTEGER PRIMARY KEY, -- order of arrival
    agency_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    date TEXT, -- the day on which it is booked; NULL: on none, it covers several
    covered_seconds INTEGER CHECK (covered_seconds >= 0),
    covered_until TEXT,
    received_at TEXT NOT NULL,
    matched_team_member_id TEXT,
    name TEXT,
    status TEXT,
    extension TEXT,
    email TEXT,
    total_calls INTEGER CHECK (total_calls >= 0),
    inbound_calls INTEGER CHECK (inbound_calls >= 0),
    outbound_calls INTEGER CHECK (outbound_calls >= 0),
    answered_inbound INTEGER CHECK (answered_inbound >= 0),
    answered_outbound INTEGER CHECK (answered_outbound >= 0),
    missed INTEGER CHECK (missed >= 0),
    handle_seconds INTEGER CHECK (handle_seconds >= 0),
    handle_seconds_inbound INTEGER CHECK (handle_seconds_inbound >= 0),
    handle_seconds_outbound INTEGER CHECK (handle_seconds_outbound >= 0),
    source_sheet TEXT,
    source_row INTEGER,
    raw_payload TEXT, -- JSON object of the cells that have no column here
    FOREIGN KEY (agency_id, file_id) REFERENCES report_files (agency_id, id),
    FOREIGN KEY (agency_id, matched_team_member_id) REFERENCES team_members (agency_id, id)
) STRICT;

CREATE INDEX user_reports_by_date ON user_reports (agency_id, date);
CREATE INDEX user_reports_unmatched ON user_reports (agency_id, name)
    WHERE matched_team_member_id IS NULL;

-- Figures of a member's day: there is no row where nothing is known.
CREATE TABLE call_metrics_daily (
    agency_id TEXT NOT NULL,
    team_member_id TEXT NOT NULL,
    date TEXT NOT NULL,
    total_calls INTEGER CHECK (total_calls >= 0),
    inbound_calls INTEGER CHECK (inbound_calls >= 0),
    outbound_calls INTEGER CHECK (outbound_calls >= 0),
    answered_calls INTEGER CHECK (answered_calls >= 0),
    missed_calls INTEGER CHECK (missed_calls >= 0),
    total_talk_seconds INTEGER CHECK (total_talk_seconds >= 0),
    basis TEXT NOT NULL, -- users, calls, joined with +
    covered_until TEXT,
    PRIMARY KEY (agency_id, date, team_member_id),
    FOREIGN KEY (agency_id, team_member_id) REFERENCES team_members (agency_id, id)
) STRICT, WITHOUT ROWID;

-- Figures of an agency's day: there is no row where nothing is known.
CREATE TABLE agency_metrics_daily (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    date TEXT NOT NULL,
    calls INTEGER CHECK (calls >= 0),
    inbound INTEGER CHECK (inbound >= 0),
    outbound INTEGER CHECK (outbound >= 0),
    answered INTEGER CHECK (answered >= 0),
    missed INTEGER CHECK (missed >= 0),
    talk_seconds INTEGER CHECK (talk_seconds >= 0),
    unmatched INTEGER CHECK (unmatched >= 0), -- sessions that name only people who are no members
    internal INTEGER CHECK (internal >= 0),   -- internal sessions; in no other figure
    basis TEXT NOT NULL,
    covered_until TEXT,
    PRIMARY KEY (agency_id, date)
) STRICT, WITHOUT ROWID;
