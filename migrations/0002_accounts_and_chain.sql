-- Accounts (G2) and the evidence chain (G5).

CREATE TABLE account (
    id            BIGINT PRIMARY KEY,             -- for sessions and the chain
    official      BIGINT NOT NULL UNIQUE REFERENCES official (id), -- whose; one each
    login         TEXT   NOT NULL UNIQUE,         -- lower case
    password_hash TEXT   NOT NULL,                -- argon2id, PHC string
    disabled_on   TEXT   CHECK (length(disabled_on) = 10) -- from this day nobody signs in with it
);

-- A role is held in a post: it ends when the post is left.
CREATE TABLE role_grant (
    appointment   BIGINT NOT NULL REFERENCES appointment (id), -- the post held; a transfer ends the role with it
    role          TEXT   NOT NULL,                -- key of permissions.toml
    PRIMARY KEY (appointment, role)
);

CREATE TABLE session (
    token_hash    BYTEA PRIMARY KEY,             -- SM3 of the cookie
    account       BIGINT NOT NULL REFERENCES account (id), -- who signed in
    appointment   BIGINT NOT NULL REFERENCES appointment (id), -- the post acted in
    created_at    BIGINT NOT NULL,                -- for the absolute limit
    seen_at       BIGINT NOT NULL                 -- for the idle limit; brought forward once a minute at most
);
CREATE INDEX session_account ON session (account);

-- Failed sign-ins by login and address: one who guesses delays himself, never the owner at another address.
CREATE TABLE sign_in_failure (
    login_hash    BYTEA NOT NULL,                -- keyed, so that mistyped passwords in this box are not kept
    address       TEXT   NOT NULL,                -- where it came from
    failures      BIGINT NOT NULL,                -- how many in a row
    last_at       BIGINT NOT NULL,                -- the last one; forgotten after a while
    PRIMARY KEY (login_hash, address)
);

-- A form that must not run twice carries a key; the second post is led to what the first one made.
CREATE TABLE form_key (
    form_key      TEXT   PRIMARY KEY,             -- HMAC-SM3 of the key; the code on a receipt is made from the key itself
    outcome       TEXT   NOT NULL,                -- path of what was made
    taken_at      BIGINT NOT NULL                 -- swept once no browser sends it again
);

-- What happened, in the transaction in which it happened. Never changed, never deleted.
CREATE TABLE chain_record (
    id            BIGINT PRIMARY KEY,             -- sorted by time
    at            BIGINT NOT NULL,                -- when it happened
    official      BIGINT,                         -- nobody: a citizen, or the program itself
    appointment   BIGINT,                         -- the post acted in
    action        TEXT   NOT NULL,                -- petition.registered, petition.read …
    subject_kind  TEXT   NOT NULL,                -- petition, plan_item, pay_run …
    subject       BIGINT NOT NULL,                -- id of what it was done to
    commitment    BYTEA NOT NULL                 -- SM3(salt ‖ content); a reading has neither and commits to nothing
);
CREATE INDEX chain_record_subject ON chain_record (subject_kind, subject, id);
-- Who has read a file, and when last: read off the index, however often it was read. A reading commits to nothing.
CREATE INDEX chain_record_reading ON chain_record (subject_kind, subject, appointment, at) WHERE length(commitment) = 0;

-- What a commitment commits to. Deleting personal data deletes this row; the commitment stays.
CREATE TABLE chain_content (
    record        BIGINT PRIMARY KEY REFERENCES chain_record (id), -- whose content it is
    salt          BYTEA NOT NULL,                 -- random, so that the content cannot be guessed from the commitment
    content       TEXT   NOT NULL                 -- canonical JSON
);

-- Written but not yet linked; emptied by the sealer within a second.
CREATE TABLE chain_pending (
    record        BIGINT PRIMARY KEY REFERENCES chain_record (id) -- what waits to be linked
);

-- The chain: each link covers its record and the link before it. Never changed, never deleted.
CREATE TABLE chain_link (
    seq           BIGINT PRIMARY KEY,             -- 1, 2, 3 … without a gap
    record        BIGINT NOT NULL UNIQUE REFERENCES chain_record (id), -- what it covers
    hash          BYTEA NOT NULL UNIQUE          -- SM3(hash before ‖ canonical record)
);
