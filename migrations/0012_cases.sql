-- What a petition needs beside 0003: who took it in, and when a service was written down.

-- The unit that took it in and disposes of it (arts. 22, 23): a petition office, or supervision where the office is
-- complained of. It goes back there from a unit that was not its own. Nothing: taken in before this column.
ALTER TABLE petition ADD COLUMN received_by BIGINT REFERENCES unit (id);

-- When it was written down, in milliseconds: a service may be dated back, and the page says when that was done.
-- 0: written down before this column.
ALTER TABLE service ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;

-- The bindings that run, by their own deadline: the tab of the ledger in its order.
CREATE INDEX leader_binding_due ON leader_binding (due_on, petition) WHERE ended_on IS NULL;
