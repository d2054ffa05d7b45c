package sql

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sightglass-gateway/sightglass/records"
)

// The chain is part of the promise: anyone who has the table can verify it without this program.
//
// The rows of a site are numbered 1, 2, 3 … without a gap (seq). A row's hash is
//
//	SHA-256( prev ‖ f(chainVersion) ‖ f(site) ‖ f(seq) ‖ f(at) ‖ f(event) ‖ f(principal_kind) ‖
//	         f(principal) ‖ f(open_id) ‖ f(ref_link) ‖ f(ref_kind) ‖ f(ref_id) ‖ f(reason) ‖
//	         f(thing) ‖ f(parts) ‖ f(bytes) ‖ f(outcome) ‖ f(detail) )
//
// A row that says what was heard has chainVersionHeard in place of chainVersion, and f(heard) at the
// end: rows from before that column keep their hash.
//
// prev is the hash of the row before, 32 zero bytes for the first. f(x) is the length of x in bytes
// as 4 bytes, big endian, then x: so no two rows have the same form. Text is its UTF-8 bytes as it
// stands in the column; a number is written in decimal digits; at is Unix milliseconds; parts is a
// JSON object with sorted keys, or empty.
//
// What a chain cannot show is that its last rows were cut off, or that all of it was computed anew:
// for that, a head (seq and hash) must have been noted elsewhere.
const (
	chainVersion      = "sightglass audit 1"
	chainVersionHeard = "sightglass audit 2"
)

// auditColumns are the columns in the order of the hash, then the hashes.
const auditColumns = `site, seq, at, event, principal_kind, principal, open_id, ref_link, ref_kind, ref_id,
	reason, thing, parts, bytes, outcome, detail, heard, prev, hash`

// auditNames are the auditColumns one by one.
var auditNames = strings.FieldsFunc(auditColumns, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })

// storedRow is an audit row as it stands in the table: verification must not depend on what a
// reader makes of it.
type storedRow struct {
	seq, at, bytes int64
	site           string
	text           [12]string // event … parts, then outcome, detail: see texts
	heard          string
	prev, hash     []byte
}

// zeroHash comes before the first row.
var zeroHash = make([]byte, sha256.Size)

// partsAt is where the parts stand among the texts; bytes comes after it in the hash.
const partsAt = 9

func newStoredRow(e records.AuditEntry) (storedRow, error) {
	parts, err := toJSON(e.Parts)
	if err != nil {
		return storedRow{}, err
	}
	r := storedRow{site: string(e.Site), at: millis(e.At), bytes: e.Bytes, heard: spansText(e.Heard), text: [12]string{
		string(e.Event), string(e.PrincipalKind), e.Principal, e.Open, e.Ref.Link, string(e.Ref.Kind), e.Ref.ID,
		string(e.Reason), e.Thing, parts, e.Outcome, e.Detail,
	}}
	return r, r.check()
}

// check refuses what a database would refuse or change, before it could fail the rows of others.
func (r *storedRow) check() error {
	if r.site == "" || r.text[0] == "" {
		return errors.New("records: an audit entry needs a site and an event")
	}
	for _, s := range append(r.text[:], r.site, r.heard) {
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			return errors.New("records: an audit entry holds text that is not UTF-8")
		}
		if len(s) > maxAuditText {
			return fmt.Errorf("records: an audit entry holds %d bytes of text in one field; the most is %d", len(s), maxAuditText)
		}
	}
	return nil
}

// maxAuditText bounds a field: ids and codes are short.
const maxAuditText = 4096

// sum computes the hash.
func (r *storedRow) sum() []byte {
	b := slices.Clone(r.prev)
	f := func(s string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	version := chainVersion
	if r.heard != "" {
		version = chainVersionHeard
	}
	f(version)
	f(r.site)
	f(strconv.FormatInt(r.seq, 10))
	f(strconv.FormatInt(r.at, 10))
	for i, s := range r.text {
		f(s)
		if i == partsAt {
			f(strconv.FormatInt(r.bytes, 10))
		}
	}
	if r.heard != "" {
		f(r.heard)
	}
	h := sha256.Sum256(b)
	return h[:]
}

// follow puts the row behind another: seq, hash before, own hash.
func (r *storedRow) follow(seq int64, hash []byte) {
	r.seq, r.prev = seq+1, hash
	r.hash = r.sum()
}

// broken tells what is wrong with a row that should come behind (seq, hash); "" if nothing.
func (r *storedRow) broken(seq int64, hash []byte) string {
	switch {
	case r.seq != seq+1:
		return "row is missing"
	case !bytes.Equal(r.prev, hash):
		return "does not follow the row before"
	case !bytes.Equal(r.hash, r.sum()):
		return "was changed"
	}
	return ""
}

// values are the columns for an INSERT, in the order of auditColumns.
func (r *storedRow) values() []any {
	v := []any{r.site, r.seq, r.at}
	for i := range r.text {
		v = append(v, r.text[i])
		if i == partsAt {
			v = append(v, r.bytes)
		}
	}
	return append(v, r.heard, r.prev, r.hash)
}

func scanStoredRow(s scanner) (r storedRow, err error) {
	dest := []any{&r.site, &r.seq, &r.at}
	for i := range r.text {
		dest = append(dest, &r.text[i])
		if i == partsAt {
			dest = append(dest, &r.bytes)
		}
	}
	return r, s.Scan(append(dest, &r.heard, &r.prev, &r.hash)...)
}

// row gives the row as others see it.
func (r *storedRow) row() (records.AuditRow, error) {
	t := &r.text
	parts, err := fromJSON[map[string]int](t[partsAt])
	return records.AuditRow{
		AuditEntry: records.AuditEntry{
			Site: records.SiteID(r.site), At: instant(r.at),
			Event: records.AuditEvent(t[0]), PrincipalKind: records.PrincipalKind(t[1]), Principal: t[2], Open: t[3],
			Ref:    records.Ref{Link: t[4], Kind: records.Kind(t[5]), ID: t[6]},
			Reason: records.OpenReason(t[7]), Thing: t[8], Parts: parts, Bytes: r.bytes, Outcome: t[10], Detail: t[11],
			Heard: spansOf(r.heard),
		},
		Seq: r.seq, Prev: r.prev, Hash: r.hash,
	}, err
}
