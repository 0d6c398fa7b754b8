-- A journal as version 2 of its schema was released, with ten events in six submissions.
CREATE TABLE property (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE event (
    seq         bigint  PRIMARY KEY,
    stream      text    NOT NULL,
    kind        text    NOT NULL,
    version     integer NOT NULL,
    fact        bytea   NOT NULL,
    happened_at bigint  NOT NULL,
    recorded_at bigint  NOT NULL,
    actor       text    NOT NULL,
    cause       text    NOT NULL,
    key         bytea   NOT NULL,
    part        integer NOT NULL,
    chain       bytea   NOT NULL
);
CREATE INDEX event_of_stream ON event (stream, seq);
CREATE TABLE submission (
    key       bytea   PRIMARY KEY,
    digest    bytea   NOT NULL,
    first_seq bigint  NOT NULL,
    count     integer NOT NULL,
    number    bigint  NOT NULL,
    chain     bytea   NOT NULL
);
CREATE TABLE head (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq         bigint  NOT NULL,
    recorded_at bigint  NOT NULL,
    chain       bytea   NOT NULL,
    submissions bigint  NOT NULL DEFAULT 0,
    submissions_chain bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
) WITH (fillfactor = 10);
INSERT INTO event VALUES (1, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874af306120e58d97e6b996e8b7afe58fa3', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e00-770d-859b-caa93060eeb5', '\x01a1ee565e00770d859bcaa93060eeb5', 0, '\x5d39c5a25061f9d9f944e744ccf28b7e18c8d608a1a13727fcd22f7680d7a495');
INSERT INTO event VALUES (2, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874a23062', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e00-770d-859b-caa93060eeb5', '\x01a1ee565e00770d859bcaa93060eeb5', 1, '\x37e3da31c4c4065afa2fe88cea14c444858caf0fc74def54babc258b21b3545d');
INSERT INTO event VALUES (3, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874af316120e58d97e6b996e8b7afe58fa3', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e01-7f5c-8647-076c9952fe92', '\x01a1ee565e017f5c8647076c9952fe92', 0, '\x080ee00711f18ca7700f853ce2cddaf741a3129b03998ff0bbf6b6cd0e816aaf');
INSERT INTO event VALUES (4, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874a23162', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e01-7f5c-8647-076c9952fe92', '\x01a1ee565e017f5c8647076c9952fe92', 1, '\xbbd6f00a781f35d839714286012f302b7f634fd6b63e76331fcdadc38b0aaadf');
INSERT INTO event VALUES (5, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874af326120e58d97e6b996e8b7afe58fa3', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e02-7a46-9115-330e65a823b6', '\x01a1ee565e027a469115330e65a823b6', 0, '\xc42721cc68df9eb9cc7e522271fd616b636e36fdf59d45d583330f140ed81ffb');
INSERT INTO event VALUES (6, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874a23262', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e02-7a46-9115-330e65a823b6', '\x01a1ee565e027a469115330e65a823b6', 1, '\xbf610dcae4f38a269ba687505b90a9c76b52cb81babe8bf56759c09a375f7e56');
INSERT INTO event VALUES (7, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874af336120e58d97e6b996e8b7afe58fa3', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e03-7470-aac2-9ee324c25c94', '\x01a1ee565e037470aac29ee324c25c94', 0, '\xd79c5929f49d4c65080b69c279a14e2dbe77a69278c27ad1a2fb423d45911b66');
INSERT INTO event VALUES (8, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874a23362', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e03-7470-aac2-9ee324c25c94', '\x01a1ee565e037470aac29ee324c25c94', 1, '\xa13415734219d154bfcc53c1a69448db643a241d8ff2db57f0912030eaeca6f0');
INSERT INTO event VALUES (9, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874af346120e58d97e6b996e8b7afe58fa3', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e04-7535-9e96-95ffba1721dc', '\x01a1ee565e0475359e9695ffba1721dc', 0, '\x218acbbee909ee87c3a29d50b773eda152f1004a36fa99f75441fb2dbd5b598f');
INSERT INTO event VALUES (10, 'incident/i-1', 'incident.note_added', 1, '\x82ab696e636964656e745f6964a3692d31a474657874a23462', 1794999999995, 1795000000000, 'desk/a', '01a1ee56-5e04-7535-9e96-95ffba1721dc', '\x01a1ee565e0475359e9695ffba1721dc', 1, '\x7c90a8eb351d1d143314ffbafe9b751127772672613959e93e53cf2c93cf025a');
INSERT INTO submission VALUES ('\x01a1ee565e00770d859bcaa93060eeb5', '\x64', 1, 2, 1, '\x7e6da3b2fb301f9a4815e5dc1146653e7ad2aca30038a265500c2504bbc27427');
INSERT INTO submission VALUES ('\x01a1ee565e017f5c8647076c9952fe92', '\x64', 3, 2, 2, '\x4520a89656cd0974bf048137f1ac4ca8cf569157195452b40620098d044e7eda');
INSERT INTO submission VALUES ('\x01a1ee565e027a469115330e65a823b6', '\x64', 5, 2, 3, '\xb59b3dce209cf0ef0a10561cadc2f52c511e84ef2ad2f39c72ed8e59dffd294f');
INSERT INTO submission VALUES ('\x01a1ee565e037470aac29ee324c25c94', '\x64', 7, 2, 4, '\x79126c431481987fa29189e55e884076985d0821d164c900d93f58c448287f12');
INSERT INTO submission VALUES ('\x01a1ee565e0475359e9695ffba1721dc', '\x64', 9, 2, 5, '\xc7708445ad90474daf66648181883ba80a9ecccad1007f10ccd43572d76fd930');
INSERT INTO submission VALUES ('\x01a1ee565e05777bbef71e5d10f8d219', '\x64', 11, 0, 6, '\x851ce3c5c25761df98f66c4845964f43fcdc5dbf50157e61cbccc1812105b620');
INSERT INTO head (seq, recorded_at, chain, submissions, submissions_chain)
    VALUES (10, 1795000000000, '\x7c90a8eb351d1d143314ffbafe9b751127772672613959e93e53cf2c93cf025a', 6, '\x851ce3c5c25761df98f66c4845964f43fcdc5dbf50157e61cbccc1812105b620');
INSERT INTO property VALUES ('id', '01a1ee56-5e00-772c-afb5-97c5221f5b9e'), ('version', '2');
