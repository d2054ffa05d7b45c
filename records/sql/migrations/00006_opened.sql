-- +goose Up

-- Lists say of each row whether somebody has opened it.
CREATE INDEX audit_ref ON audit (site, ref_link, ref_id);
