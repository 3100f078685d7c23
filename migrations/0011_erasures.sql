-- Deleting personal data past its term (G5, G12).

-- The personal data of an ended petition were erased. Number, days, category and units stay for the ledgers; the chain
-- names the records whose contents were destroyed.
CREATE TABLE erasure (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- whose data
    reason        TEXT   NOT NULL,                -- why, in the words of whoever did it
    erased_on     TEXT   NOT NULL CHECK (length(erased_on) = 10), -- the day
    erased_by     BIGINT NOT NULL REFERENCES official (id) -- the security officer
);
