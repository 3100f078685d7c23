-- Attachments: pictures, papers and recordings that belong to a petition. Their bytes lie in a store beside the database.

-- What lies in the store, encrypted. The row is committed before the bytes are written and goes when they have gone.
CREATE TABLE file_object (
    object        TEXT   PRIMARY KEY CHECK (length(object) = 64), -- SM3 of the stored bytes, by which the store names them
    wanted_at     BIGINT NOT NULL                 -- the instant at which somebody last put it there; young ones are not swept
);

-- A file that somebody handed in or added.
CREATE TABLE file (
    id            BIGINT PRIMARY KEY,             -- for the chain
    petition      BIGINT REFERENCES petition (id), -- of which petition; nothing while the form it came with is not yet accepted
    ticket        TEXT   UNIQUE,                  -- keyed hash of what that form holds to claim it; nothing once it is claimed
    object        TEXT   NOT NULL REFERENCES file_object (object), -- where its bytes lie
    content_hash  TEXT   NOT NULL CHECK (length(content_hash) = 64), -- SM3 of what whoever opens it gets
    name          TEXT   NOT NULL,                -- as it was sent, without path and control characters, with the ending of its kind
    kind          TEXT   NOT NULL,                -- what it is by its content: a word of files::Kind
    bytes         BIGINT NOT NULL,                -- how long it is
    thumbnail     BYTEA,                          -- of a picture: a small JPEG, encrypted
    part          TEXT   NOT NULL,                -- with what it came: a word of files::Part
    from_petitioner BIGINT NOT NULL CHECK (from_petitioner IN (0, 1)), -- 1: it is the petitioner's, whoever scanned it
    added_at      BIGINT NOT NULL,                -- the instant
    added_by      BIGINT REFERENCES official (id), -- nobody: the petitioner, with the code or on the public page
    CHECK ((petition IS NULL) <> (ticket IS NULL))
);
CREATE INDEX file_of_petition ON file (petition, id);
CREATE INDEX file_of_object ON file (object);
CREATE INDEX file_waiting ON file (added_at) WHERE petition IS NULL;

-- It was added by mistake. The row and its record stay, nobody opens it any more.
CREATE TABLE file_withdrawal (
    file          BIGINT PRIMARY KEY REFERENCES file (id), -- which
    reason        TEXT   NOT NULL,                -- why, in the words of whoever did it
    withdrawn_at  BIGINT NOT NULL,                -- the instant
    withdrawn_by  BIGINT NOT NULL REFERENCES official (id) -- who
);
