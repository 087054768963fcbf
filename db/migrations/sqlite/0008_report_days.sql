-- For a list of more than two that a value must be IN, SQLite makes a table of its own, anew for each
-- statement that checks it. This table gets a row for each report and day.

CREATE TABLE report_days_checked (
    agency_id TEXT NOT NULL,
    date TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source = 'calls' OR source = 'calls-records'
        OR source = 'call-log' OR source = 'users'),
    file_id TEXT NOT NULL,
    covered_seconds INTEGER NOT NULL CHECK (covered_seconds >= 0), -- 0: the range is unknown
    covered_until TEXT,
    PRIMARY KEY (agency_id, date, source, file_id),
    FOREIGN KEY (agency_id, file_id) REFERENCES report_files (agency_id, id)
) STRICT, WITHOUT ROWID;

INSERT INTO report_days_checked
SELECT agency_id, date, source, file_id, covered_seconds, covered_until FROM report_days;

DROP TABLE report_days;
ALTER TABLE report_days_checked RENAME TO report_days;

CREATE INDEX report_days_best
    ON report_days (agency_id, date, source, covered_seconds, COALESCE(covered_until, ''));
