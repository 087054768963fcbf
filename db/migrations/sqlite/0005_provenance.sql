-- What stored rows are linked to may change after them: a day's figures are then computed again.
-- Where a figure comes from can be told, and whether a report is missing.

-- Sales, as imported: one row for what a member sold on a day.
CREATE TABLE sales (
    agency_id TEXT NOT NULL,
    team_member_id TEXT NOT NULL,
    sale_date TEXT NOT NULL,
    items INTEGER CHECK (items >= 0),
    policies INTEGER CHECK (policies >= 0),
    premium_cents INTEGER CHECK (premium_cents >= 0),
    PRIMARY KEY (agency_id, sale_date, team_member_id),
    FOREIGN KEY (agency_id, team_member_id) REFERENCES team_members (agency_id, id)
) STRICT, WITHOUT ROWID;

-- What the rings are measured against. NULL: not set here.
CREATE TABLE targets (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    team_member_id TEXT NOT NULL DEFAULT '', -- '': the agency's own
    outbound_calls INTEGER CHECK (outbound_calls > 0),
    talk_minutes INTEGER CHECK (talk_minutes > 0),
    sold_items INTEGER CHECK (sold_items > 0),
    PRIMARY KEY (agency_id, team_member_id)
) STRICT, WITHOUT ROWID;

-- What the rings show. Unknown is NULL.
CREATE VIEW metrics_daily AS
SELECT d.agency_id AS agency_id, d.team_member_id AS team_member_id, d.date AS date,
    d.outbound_calls AS outbound_calls, d.total_talk_seconds / 60 AS talk_minutes,
    s.items AS sold_items, s.policies AS sold_policies, s.premium_cents AS sold_premium_cents
FROM call_metrics_daily d LEFT JOIN sales s ON s.agency_id = d.agency_id
    AND s.sale_date = d.date AND s.team_member_id = d.team_member_id
UNION ALL
SELECT s.agency_id, s.team_member_id, s.sale_date, NULL, NULL, s.items, s.policies, s.premium_cents
FROM sales s
WHERE NOT EXISTS (SELECT 1 FROM call_metrics_daily d WHERE d.agency_id = s.agency_id
    AND d.date = s.sale_date AND d.team_member_id = s.team_member_id);

-- On which days of the week a report of the day before is due, and until when.
CREATE TABLE expectations (
    agency_id TEXT NOT NULL PRIMARY KEY REFERENCES agencies (id),
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 127), -- bits, Monday is 1; of the days reported on
    due_minute INTEGER NOT NULL CHECK (due_minute BETWEEN 0 AND 1439), -- of the next day, local
    since TEXT NOT NULL -- the first date that is expected
) STRICT, WITHOUT ROWID;

-- Days of which it was said in the log that their report is overdue.
CREATE TABLE overdue_notices (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    date TEXT NOT NULL,
    PRIMARY KEY (agency_id, date)
) STRICT, WITHOUT ROWID;

-- People outside, and their numbers in one form (figures/phone.h). A number of two contacts is
-- nobody's.
CREATE TABLE contacts (
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('prospect', 'customer', 'lead')),
    email TEXT,
    email_folded TEXT,
    PRIMARY KEY (agency_id, id),
    UNIQUE (agency_id, email_folded)
) STRICT;

CREATE INDEX contacts_by_name ON contacts (agency_id, name_folded);

CREATE TABLE contact_phones (
    agency_id TEXT NOT NULL,
    phone TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    PRIMARY KEY (agency_id, phone, contact_id),
    FOREIGN KEY (agency_id, contact_id) REFERENCES contacts (agency_id, id)
) STRICT, WITHOUT ROWID;

-- The timeline: one row per call with a contact. What became of the call is told by its legs.
CREATE TABLE contact_activities (
    agency_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    provider TEXT NOT NULL,         -- call_events.provider
    external_call_id TEXT NOT NULL, -- and its session
    happened_at TEXT NOT NULL,      -- start of its first leg
    PRIMARY KEY (agency_id, provider, external_call_id, contact_id),
    FOREIGN KEY (agency_id, contact_id) REFERENCES contacts (agency_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_activities_by_time
    ON contact_activities (agency_id, contact_id, happened_at);

-- The number of a leg's other side is that of several contacts: 1.
ALTER TABLE call_events ADD COLUMN prospect_ambiguous INTEGER;

-- A replay is a row of its own, and names the message that was read again.
ALTER TABLE email_ingest_logs ADD COLUMN replay_of TEXT;
