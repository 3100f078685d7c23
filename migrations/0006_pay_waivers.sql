-- Waivers of the least spread in performance pay (差额不可行, PAY section 5).

-- An authorised person lets the shares of a group stand as the scores give them, with the reason.
CREATE TABLE pay_waiver (
    unit          BIGINT NOT NULL REFERENCES unit (id),
    month         TEXT   NOT NULL CHECK (length(month) = 7),
    class         TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    waived_on     TEXT   NOT NULL CHECK (length(waived_on) = 10),
    waived_by     BIGINT NOT NULL REFERENCES official (id),
    PRIMARY KEY (unit, month, class)
);
