-- +goose Up

-- media_closed: what was played, in seconds, as "0-61.5,93-120"; empty in all other rows.
ALTER TABLE audit ADD COLUMN heard TEXT NOT NULL DEFAULT '';
