-- Corrections of approved settlements (E7, PAY section 7): an approved run is never changed, a mistake is mended in a
-- later month that names it.

-- 更正: paid out with the settlement of a unit's later month, and approved with it. A row is never changed: a mistaken
-- one is mended by its opposite.
CREATE TABLE pay_correction (
    id            BIGINT PRIMARY KEY,                        -- made by the program, sorted by time
    unit          BIGINT NOT NULL REFERENCES unit (id),      -- whose settlement carries it
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- of the settlement that carries it, whatever its attempt
    mends         BIGINT NOT NULL REFERENCES pay_run (id),   -- the approved run of an earlier month of the same unit
    official      BIGINT NOT NULL REFERENCES official (id),  -- whose share of that run was wrong
    fen           BIGINT NOT NULL CHECK (fen <> 0),          -- paid in addition; negative: taken back
    reason        TEXT   NOT NULL,                           -- shown to whoever the share belongs to
    recorded_on   TEXT   NOT NULL CHECK (length(recorded_on) = 10), -- the day in China
    recorded_by   BIGINT NOT NULL REFERENCES official (id)   -- the official of personnel who recorded it
);
CREATE INDEX pay_correction_month ON pay_correction (unit, month, id);
CREATE INDEX pay_correction_mends ON pay_correction (mends, id);
