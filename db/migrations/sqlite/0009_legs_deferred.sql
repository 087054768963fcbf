-- A statement that stores many legs and whose keys are checked row by row keeps a copy of each page
-- it changes, for the case that it has to be undone without its transaction. Nobody does that: so
-- the key of the member is checked when the transaction ends, and the statements say OR FAIL.

DROP VIEW call_events;

CREATE TABLE legs_deferred (
    id INTEGER PRIMARY KEY,
    agency_number INTEGER NOT NULL, -- agencies.number
    provider TEXT NOT NULL,         -- the series: ringcentral, ringcentral-records, ringcentral-log, ricochet
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
    agent_email TEXT,           -- the same
    member_number INTEGER,      -- team_members.number of whom our side is
    matched_prospect_id TEXT,   -- contacts.id of the other side
    prospect_ambiguous INTEGER, -- 1: its number is that of several contacts
    source_id INTEGER,          -- call_sources.id
    source_row INTEGER,         -- in the sheet, from 1
    covered_seconds INTEGER,    -- of its day, by the report it is from
    raw_payload TEXT,           -- JSON object of the cells that have no column here
    UNIQUE (agency_number, provider, external_call_id, leg),
    FOREIGN KEY (agency_number, member_number) REFERENCES team_members (agency_number, number)
        DEFERRABLE INITIALLY DEFERRED
) STRICT;

INSERT INTO legs_deferred (
    id, agency_number, provider, external_call_id, leg, call_date, direction, call_type,
    from_number, from_name, to_number, to_name, call_started_at, start_estimated, duration_seconds,
    talk_seconds, result, queue, agent, extension, agent_email, member_number, matched_prospect_id,
    prospect_ambiguous, source_id, source_row, covered_seconds, raw_payload)
SELECT id, agency_number, provider, external_call_id, leg, call_date, direction, call_type,
    from_number, from_name, to_number, to_name, call_started_at, start_estimated, duration_seconds,
    talk_seconds, result, queue, agent, extension, agent_email, member_number, matched_prospect_id,
    prospect_ambiguous, source_id, source_row, covered_seconds, raw_payload
FROM legs ORDER BY id;

DROP TABLE legs;
ALTER TABLE legs_deferred RENAME TO legs;

CREATE INDEX legs_unmatched
    ON legs (agency_number, agent, extension, call_date, member_number)
    WHERE member_number IS NULL AND agent IS NOT NULL;

CREATE VIEW call_events AS
SELECT l.id AS id, a.id AS agency_id, l.provider AS provider,
    l.external_call_id AS external_call_id, l.leg AS leg, l.call_date AS call_date,
    l.direction AS direction, l.call_type AS call_type, l.from_number AS from_number,
    l.from_name AS from_name, l.to_number AS to_number, l.to_name AS to_name,
    l.call_started_at AS call_started_at, l.start_estimated AS start_estimated,
    l.duration_seconds AS duration_seconds, l.talk_seconds AS talk_seconds, l.result AS result,
    l.queue AS queue, l.agent AS agent, l.extension AS extension, l.agent_email AS agent_email,
    m.id AS matched_team_member_id, l.matched_prospect_id AS matched_prospect_id,
    l.prospect_ambiguous AS prospect_ambiguous, l.source_id AS source_id,
    l.source_row AS source_row, l.covered_seconds AS covered_seconds, l.raw_payload AS raw_payload
FROM legs l JOIN agencies a ON a.number = l.agency_number
LEFT JOIN team_members m ON m.agency_number = l.agency_number AND m.number = l.member_number;
