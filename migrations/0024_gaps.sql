-- What a petition office needs beside the course of a case.

-- 送达转送告知书、不予受理告知书: what went to another organ, told to the petitioner in writing (arts. 22, 30, 31).
CREATE TABLE forwarding_service (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- what was sent on
    served_on     TEXT   NOT NULL CHECK (length(served_on) = 10), -- the day it reached them
    manner        TEXT   NOT NULL CHECK (manner IN ('in_person', 'post', 'online', 'left')), -- how it reached them
    signed_by     TEXT   NOT NULL,                -- who signed for it; '' where nobody did
    recorded_by   BIGINT NOT NULL REFERENCES official (id), -- who says so
    recorded_at   BIGINT NOT NULL                 -- when that was written down, ms
);
