-- +goose Up

-- How much of a recording the page may read to draw its waveform: '' is the default, all of it.
ALTER TABLE links ADD COLUMN waveform TEXT NOT NULL DEFAULT '';
