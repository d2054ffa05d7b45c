-- +goose Up
ALTER TABLE users ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0; -- from then on no sign-in; 0: no end
