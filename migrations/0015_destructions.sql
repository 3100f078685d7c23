-- What was lawfully destroyed, found without walking the chain: whoever checks an erased link waits for few rows only.
CREATE INDEX chain_record_destroyed ON chain_record (id) WHERE action = 'content.destroyed';
