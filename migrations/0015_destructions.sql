-- What was lawfully destroyed, found without walking the chain: whoever checks an erased link waits for few rows only.
CREATE INDEX chain_record_destroyed ON chain_record (id) WHERE action = 'content.destroyed';

-- database_mark has one more name: 'imports', an empty value. Its row is locked by the import that is being taken, so
-- that the next one sees what this one brought.
