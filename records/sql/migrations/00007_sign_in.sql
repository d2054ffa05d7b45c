-- +goose Up

-- Where people and programs may come from: networks with a comma between two; '' is everywhere.
ALTER TABLE sites ADD COLUMN ip_rules TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN ip_rules TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN ip_rules TEXT NOT NULL DEFAULT '';

-- A site that only its OpenID providers lead into, and who may come in by password all the same.
ALTER TABLE sites ADD COLUMN sso_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sites ADD COLUMN break_glass TEXT NOT NULL DEFAULT ''; -- a user's id
ALTER TABLE sessions ADD COLUMN via TEXT NOT NULL DEFAULT '';      -- the door that was used

-- Which account at an OpenID provider is whose.
CREATE TABLE identities (
	site       TEXT   NOT NULL REFERENCES sites (id),
	issuer     TEXT   NOT NULL,
	subject    TEXT   NOT NULL,
	user_id    TEXT   NOT NULL REFERENCES users (id),
	created_at BIGINT NOT NULL,
	PRIMARY KEY (site, issuer, subject)
);
CREATE UNIQUE INDEX identities_user ON identities (user_id, site, issuer);
