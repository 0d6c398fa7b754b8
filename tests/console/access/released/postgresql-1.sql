-- A store of people as version 1 of its schema was released, with three entries in its log; number 3
-- was given to a change that failed.
CREATE TABLE access_entry (
    kind text NOT NULL, key text NOT NULL, grp text NOT NULL,
    ends_at bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY (kind, key));
CREATE INDEX access_entry_of_group ON access_entry (kind, grp) WHERE grp <> '';
CREATE INDEX access_entry_ends ON access_entry (ends_at) WHERE ends_at > 0;
CREATE TABLE access_log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE access_stamp (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), value bigint NOT NULL);
INSERT INTO access_stamp (value) VALUES (0);
INSERT INTO access_log OVERRIDING SYSTEM VALUE VALUES (1, '\x85a26174cf000001a1ee471bc0a46b696e64ad6163636573732e7365745f7570a56163746f72ab706572736f6e2f74616e67a761646472657373ab3230332e302e3131332e34a664657461696ca0');
INSERT INTO access_log OVERRIDING SYSTEM VALUE VALUES (2, '\x85a26174cf000001a1ee471fa8a46b696e64ad6163636573732e6661696c6564a56163746f72aa706572736f6e2fe69e97a761646472657373ab3230332e302e3131332e39a664657461696ca0');
INSERT INTO access_log OVERRIDING SYSTEM VALUE VALUES (4, '\x85a26174cf000001a1ee472390a46b696e64b06163636573732e7369676e65645f696ea56163746f72ae706572736f6e2f74616e67403033a761646472657373ab3230332e302e3131332e34a664657461696ca0');
INSERT INTO access_entry VALUES ('rights', 'stamp', '', 0, '\x0000000000000003');
