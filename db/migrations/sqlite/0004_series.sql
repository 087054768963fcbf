-- RingCentral tells calls in three reports: Calls, Calls_Records and the Call Log. Each keeps its own
-- sums of a day, and one of them counts.

CREATE TABLE session_totals_by_provider (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    date TEXT NOT NULL,
    provider TEXT NOT NULL,                  -- call_events.provider
    legs INTEGER NOT NULL CHECK (legs >= 0), -- of any kind
    total INTEGER NOT NULL CHECK (total >= 0),
    inbound INTEGER NOT NULL CHECK (inbound >= 0),
    outbound INTEGER NOT NULL CHECK (outbound >= 0),
    answered INTEGER NOT NULL CHECK (answered >= 0),
    missed INTEGER NOT NULL CHECK (missed >= 0),
    unmatched INTEGER NOT NULL CHECK (unmatched >= 0),
    internal INTEGER NOT NULL CHECK (internal >= 0),
    members TEXT NOT NULL, -- a line for each member: id, total, inbound, outbound, answered, missed,
                           -- talk_seconds, talk_known
    PRIMARY KEY (agency_id, date, provider)
) STRICT, WITHOUT ROWID;

INSERT INTO session_totals_by_provider
SELECT agency_id, date, 'ringcentral', legs, total, inbound, outbound, answered, missed, unmatched,
    internal, members
FROM session_totals_daily;

DROP TABLE session_totals_daily;
ALTER TABLE session_totals_by_provider RENAME TO session_totals_daily;

CREATE TABLE report_days_of_series (
    agency_id TEXT NOT NULL,
    date TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('calls', 'calls-records', 'call-log', 'users')),
    file_id TEXT NOT NULL,
    covered_seconds INTEGER NOT NULL CHECK (covered_seconds >= 0), -- 0: the range is unknown
    covered_until TEXT,
    PRIMARY KEY (agency_id, date, source, file_id),
    FOREIGN KEY (agency_id, file_id) REFERENCES report_files (agency_id, id)
) STRICT, WITHOUT ROWID;

INSERT INTO report_days_of_series
SELECT agency_id, date, source, file_id, covered_seconds, covered_until FROM report_days;

DROP TABLE report_days;
ALTER TABLE report_days_of_series RENAME TO report_days;

-- The best coverage of a day without looking at all of its reports.
CREATE INDEX report_days_best
    ON report_days (agency_id, date, source, covered_seconds, COALESCE(covered_until, ''));

-- What a mail with a link instead of a report says.
ALTER TABLE email_ingest_logs ADD COLUMN link TEXT;         -- where the report is to be fetched
ALTER TABLE email_ingest_logs ADD COLUMN subscription TEXT; -- RingCentral's Subscription name
