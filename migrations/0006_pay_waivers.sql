-- Waivers of the least spread in performance pay (差额不可行, PAY section 5).

-- An authorised person lets the shares of a group stand as the scores give them, with the reason.
CREATE TABLE pay_waiver (
    unit          BIGINT NOT NULL REFERENCES unit (id), -- whose group
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- of which month
    class         TEXT   NOT NULL,                -- which group
    reason        TEXT   NOT NULL,                -- why the spread is not made
    waived_on     TEXT   NOT NULL CHECK (length(waived_on) = 10), -- the day
    waived_by     BIGINT NOT NULL REFERENCES official (id), -- who is authorised to
    PRIMARY KEY (unit, month, class)
);
