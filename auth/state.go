package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/records"
)

// state is what goes to the provider and comes back. It is sealed, so nobody else can make or read
// one, and it is unguessable since its nonce is random; but it is the row of its hash that lets a
// linking through, once. What it holds is for the words alone: of a state whose row is gone it can be
// said whether it was used, is too old, or its link was removed.
//
// Telling these apart is no oracle that matters. Whoever can show a genuine state has seen the address
// that the administrator was sent to, and learns what that address and a clock tell anyway; a made-up
// one is only ever "unknown". Neither site, link nor person is named before browser and person fit,
// and whichever answer is given, the row is gone: there is no second question about the same state.
type state struct {
	Site  records.SiteID `json:"s"`
	Link  string         `json:"l"`
	Begun int64          `json:"b"` // Unix milliseconds
}

// maxState bounds what is looked at.
const maxState = 1024

var statePlace = records.Place{Table: "state"}

func (f *Flow) newState(id records.LinkID) (string, error) {
	b, err := json.Marshal(state{id.Site, id.Link, f.cfg.Now().UnixMilli()})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(f.cfg.Keys.Seal(b, statePlace)), nil
}

// stateOf reads a state of ours.
func (f *Flow) stateOf(text string) (state, bool) {
	var s state
	if len(text) > maxState {
		return s, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return s, false
	}
	b, err := f.cfg.Keys.Open(sealed, statePlace)
	return s, err == nil && json.Unmarshal(b, &s) == nil
}

// gone says what became of the linking of a genuine state without a row.
func (f *Flow) gone(ctx context.Context, s state) error {
	id := records.LinkID{Site: s.Site, Link: s.Link}
	_, err := f.cfg.Store.Link(ctx, id)
	age := f.cfg.Now().Sub(time.UnixMilli(s.Begun))
	switch {
	case errors.Is(err, records.ErrNotFound):
		return f.ended(records.Link{}, WhyLinkGone)
	case age >= flowLife:
		return f.ended(records.Link{}, WhyStateOld)
	default:
		return f.ended(records.Link{}, WhyStateUsed)
	}
}
