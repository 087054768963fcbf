-- What comes and asks over HTTP: a dialer's events, tokens of the API, mails by way of Mailgun. Secrets
-- are kept as their SHA-256 alone. Uploads are large: raw messages are kept in pieces.

CREATE TABLE voip_integrations (
    id TEXT NOT NULL PRIMARY KEY,
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    provider TEXT NOT NULL CHECK (provider IN ('ricochet')),
    secret_hash TEXT NOT NULL UNIQUE,
    previous_hash TEXT UNIQUE, -- the secret before the last rotation,
    previous_until TEXT,       -- which is good until then
    header_hash TEXT,          -- of the token that a header must bring, too; NULL: none is asked for
    field_map TEXT,            -- JSON object: our name of a field -> the agency's; NULL: none
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    created_at TEXT NOT NULL,
    last_sync_at TEXT,    -- of the last event that was stored
    last_sync_error TEXT, -- why the last event was refused; NULL: it was not
    UNIQUE (agency_id, provider)
) STRICT;

CREATE TABLE api_tokens (
    serial INTEGER PRIMARY KEY, -- order of making
    id TEXT NOT NULL UNIQUE,
    agency_id TEXT NOT NULL REFERENCES agencies (id),
    token_hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'key_employee', 'manager', 'staff')),
    team_member_id TEXT, -- whose it is
    created_at TEXT NOT NULL,
    expires_at TEXT, -- NULL: never
    revoked_at TEXT, -- NULL: it was not
    FOREIGN KEY (agency_id, team_member_id) REFERENCES team_members (agency_id, id)
) STRICT;

CREATE INDEX api_tokens_by_agency ON api_tokens (agency_id, serial);

-- Tokens that Mailgun has signed a mail with: each is good once.
CREATE TABLE mailgun_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mailgun_tokens_by_time ON mailgun_tokens (seen_at);

-- Of our side of a leg, where its source tells it: events do.
ALTER TABLE call_events ADD COLUMN agent_email TEXT;

-- What follows the first piece of a large message, so that none has to be held in memory a second time
-- to be written.
CREATE TABLE raw_pieces (
    serial INTEGER PRIMARY KEY, -- their order
    message_id TEXT NOT NULL,   -- raw_messages.id
    bytes BLOB NOT NULL
) STRICT;

CREATE INDEX raw_pieces_of_message ON raw_pieces (message_id, serial);
