-- The common subset of SQLite and PostgreSQL: TEXT, BIGINT, BOOLEAN, BYTEA; times are Unix
-- milliseconds, 0 when there is none; keys are given by the program.
-- A new column is a product decision: package records says why each may live, and how long.

-- +goose Up
CREATE TABLE sites (
	id             TEXT    NOT NULL PRIMARY KEY,
	name           TEXT    NOT NULL,
	provisioned    BOOLEAN NOT NULL,
	created_at     BIGINT  NOT NULL,
	rights_version BIGINT  NOT NULL
);

CREATE TABLE users (
	id            TEXT    NOT NULL PRIMARY KEY,
	login         TEXT    NOT NULL UNIQUE, -- case-folded NFC
	name          TEXT    NOT NULL,
	password_hash TEXT    NOT NULL,
	status        TEXT    NOT NULL,
	provisioned   BOOLEAN NOT NULL,
	created_at    BIGINT  NOT NULL
);

CREATE TABLE memberships (
	site    TEXT NOT NULL REFERENCES sites (id),
	user_id TEXT NOT NULL REFERENCES users (id),
	roles   TEXT NOT NULL, -- sorted, with a comma between two
	PRIMARY KEY (site, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE api_keys (
	site        TEXT    NOT NULL REFERENCES sites (id),
	id          TEXT    NOT NULL,
	hash        BYTEA   NOT NULL UNIQUE,
	roles       TEXT    NOT NULL,
	provisioned BOOLEAN NOT NULL,
	created_at  BIGINT  NOT NULL,
	expires_at  BIGINT  NOT NULL,
	PRIMARY KEY (site, id)
);

CREATE TABLE sessions (
	hash       BYTEA  NOT NULL PRIMARY KEY,
	site       TEXT   NOT NULL REFERENCES sites (id),
	user_id    TEXT   NOT NULL REFERENCES users (id),
	created_at BIGINT NOT NULL,
	seen_at    BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE onces (
	hash       BYTEA  NOT NULL PRIMARY KEY,
	site       TEXT   NOT NULL REFERENCES sites (id),
	user_id    TEXT   NOT NULL REFERENCES users (id),
	expires_at BIGINT NOT NULL
);

CREATE TABLE links (
	site              TEXT    NOT NULL REFERENCES sites (id),
	link              TEXT    NOT NULL,
	provider          TEXT    NOT NULL,
	title             TEXT    NOT NULL,
	settings          TEXT    NOT NULL, -- JSON, as are the next two
	endpoints         TEXT    NOT NULL,
	media_hosts       TEXT    NOT NULL,
	credential_kind   TEXT    NOT NULL,
	client_id         TEXT    NOT NULL,
	client_secret     BYTEA,            -- ciphertext
	secret_generation BIGINT  NOT NULL,
	refresh_token     BYTEA,            -- ciphertext
	generation        BIGINT  NOT NULL,
	intent_at         BIGINT  NOT NULL,
	seed_hash         BYTEA,
	state             TEXT    NOT NULL,
	reason            TEXT    NOT NULL,
	scopes            TEXT    NOT NULL,
	account           TEXT    NOT NULL,
	last_ok_at        BIGINT  NOT NULL,
	created_at        BIGINT  NOT NULL,
	updated_at        BIGINT  NOT NULL,
	provisioned       BOOLEAN NOT NULL,
	PRIMARY KEY (site, link)
);

CREATE TABLE authorizations (
	state_hash   BYTEA  NOT NULL PRIMARY KEY,
	site         TEXT   NOT NULL,
	link         TEXT   NOT NULL,
	user_id      TEXT   NOT NULL,
	browser_hash BYTEA  NOT NULL,
	verifier     BYTEA,                 -- ciphertext
	redirect_uri TEXT   NOT NULL,
	return_to    TEXT   NOT NULL,
	expires_at   BIGINT NOT NULL,
	FOREIGN KEY (site, link) REFERENCES links (site, link)
);
CREATE INDEX authorizations_link ON authorizations (site, link);

-- The audit log is for ever: no foreign key lets it depend on what may be removed.
CREATE TABLE audit (
	site           TEXT   NOT NULL,
	seq            BIGINT NOT NULL,
	at             BIGINT NOT NULL,
	event          TEXT   NOT NULL,
	principal_kind TEXT   NOT NULL,
	principal      TEXT   NOT NULL,
	open_id        TEXT   NOT NULL,
	ref_link       TEXT   NOT NULL,
	ref_kind       TEXT   NOT NULL,
	ref_id         TEXT   NOT NULL,
	reason         TEXT   NOT NULL,
	thing          TEXT   NOT NULL,
	parts          TEXT   NOT NULL,     -- JSON object, keys sorted; empty when there are none
	bytes          BIGINT NOT NULL,
	outcome        TEXT   NOT NULL,
	detail         TEXT   NOT NULL,
	prev           BYTEA  NOT NULL,
	hash           BYTEA  NOT NULL,
	PRIMARY KEY (site, seq)
);
CREATE INDEX audit_open ON audit (site, open_id);
CREATE INDEX audit_principal ON audit (site, principal, seq);

-- Which opening rows have no closing row yet, so that a start need not read the whole log. A row
-- lives from the opening to the closing and repeats nothing that the log does not hold.
CREATE TABLE audit_pending (
	site      TEXT   NOT NULL,
	seq       BIGINT NOT NULL,          -- of the opening row
	closes    TEXT   NOT NULL,          -- the event that will close it
	open_id   TEXT   NOT NULL,
	thing     TEXT   NOT NULL,
	principal TEXT   NOT NULL,
	instance  BIGINT NOT NULL,          -- the process that opened it, where several share the database; else 0
	PRIMARY KEY (site, seq)
);
CREATE INDEX audit_pending_open ON audit_pending (site, open_id);

-- One row that Ping writes after a write has failed: it tells when the disk has room again.
CREATE TABLE probe (
	id BIGINT NOT NULL PRIMARY KEY,
	at BIGINT NOT NULL
);
