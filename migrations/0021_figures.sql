-- What the figures of petitions read.

-- The petitions of a year or a month.
CREATE INDEX petition_registered ON petition (registered_on);
