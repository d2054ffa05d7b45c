package talkdesk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

const (
	// maxRecordings bounds what is shown of one call: a page has 50.
	maxRecordings = 2000
	whatRecording = "recording"
	whatFile      = "attachment"
)

// recording is one file of a call. Every field may be missing or null.
type recording struct {
	id, callID, kind string
	index            int64
	at               time.Time
	length           time.Duration
	one, two         []participant
}

type participant struct{ kind, id string }

func (c *connector) decodeRecording(d *lenient.Decoder) recording {
	r := recording{index: -1}
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			r.id = d.ID()
		case "call_id":
			r.callID = d.Word()
		case "created_at":
			r.at = d.Time()
		case "index":
			r.index = d.Integer()
		case "duration":
			r.length = time.Duration(d.Seconds() * float64(c.cfg.durationUnit))
		case "type":
			r.kind = strings.ToLower(d.Label())
		case "agents":
			d.Object(func(key []byte) {
				switch string(key) {
				case "channel_1":
					r.one = decodeParticipants(d)
				case "channel_2":
					r.two = decodeParticipants(d)
				default:
					d.Skip()
				}
			})
		default:
			d.Skip()
		}
	})
	return r
}

func decodeParticipants(d *lenient.Decoder) []participant {
	var all []participant
	d.Array(func() {
		var p participant
		d.Object(func(key []byte) {
			switch string(key) {
			case "participant_type":
				p.kind = strings.ToUpper(d.Label())
			case "participant_id":
				p.id = d.Word()
			default:
				d.Skip()
			}
		})
		if len(all) < 20 {
			all = append(all, p)
		}
	})
	return all
}

// role of a participant: by its type, never by the channel's number. An external number is a customer's
// or a third party's.
func (p participant) role() connectors.PersonRole {
	switch p.kind {
	case "AGENT":
		return connectors.RoleAgent
	case "CONTACT":
		return connectors.RoleCustomer
	default:
		return connectors.RoleUnknown
	}
}

// channels says who is on which side, where the recording has one voice on each.
func (c *connector) channels(r recording) []connectors.Channel {
	if len(r.one) == 0 || len(r.two) == 0 {
		return nil
	}
	sides := [2]string{"left", "right"}
	if !c.cfg.channel1Left {
		sides = [2]string{"right", "left"}
	}
	all := []connectors.Channel{{Side: sides[0], Role: r.one[0].role()}, {Side: sides[1], Role: r.two[0].role()}}
	slices.SortFunc(all, func(a, b connectors.Channel) int { return strings.Compare(a.Side, b.Side) })
	return all
}

// part gives a recording as it goes out. Where its audio lies is asked for when it is played: the address
// is good for a moment only.
func (o *opening) part(r recording) *connectors.Recording {
	p := &connectors.Recording{
		ID: r.id, At: r.at, Seconds: connectors.Seconds(r.length.Seconds()), MediaType: "audio/mpeg", Channels: o.c.channels(r),
		// Whether a pause leaves a gap, silence or another recording is not documented.
		Completeness: "unknown",
		Locator:      connectors.Locator{What: whatRecording, Ref: o.ref, ID: r.id},
	}
	switch r.kind {
	case "", "conversation":
	case "voicemail":
		p.Voicemail = true
	case "consultation", "agent":
		p.Leg = r.kind
	default:
		p.Native = r.kind
	}
	return p
}

// readRecordings hands on what is listed for a call, a page at a time, and remembers it. CodeNotFound and
// nothing at all mean the same: nobody has documented which of the two a call without recordings gives.
func (o *opening) readRecordings(ctx context.Context, id string) error {
	at := call{op: "call.open", scope: scopeRecordings, first: true}
	path, q := filled(o.c.cfg.listPath, "{call_id}", id), url.Values{}
	for seen := map[string]bool{}; path != ""; {
		next := ""
		var page []recording
		err := o.c.read(ctx, at, path, q, func(d *lenient.Decoder) {
			d.Object(func(key []byte) {
				switch string(key) {
				case "_embedded":
					d.Object(func(key []byte) {
						if string(key) != "recordings" {
							d.Skip()
							return
						}
						d.Array(func() { page = append(page, o.c.decodeRecording(d)) })
					})
				case "_links", "links":
					next = nextLink(d)
				default:
					d.Skip()
				}
			})
		})
		if err != nil {
			return err
		}
		if err := o.putRecordings(page); err != nil {
			return err
		}
		if next == "" || seen[next] || len(o.recs) >= maxRecordings {
			return nil
		}
		seen[next] = true
		path, q = o.c.follow(path, next)
	}
	return nil
}

// putRecordings hands on a page, in the order in which it was recorded.
func (o *opening) putRecordings(page []recording) error {
	slices.SortStableFunc(page, func(a, b recording) int {
		if a.index != b.index {
			return int(a.index - b.index)
		}
		return a.at.Compare(b.at)
	})
	for _, r := range page {
		if r.id == "" || slices.ContainsFunc(o.recs, func(x recording) bool { return x.id == r.id }) {
			continue
		}
		if !o.headed {
			if err := o.emit(&connectors.Header{Ref: o.ref, Provider: name, Channel: "voice", CreatedAt: r.at}); err != nil {
				return err
			}
		}
		o.recs = append(o.recs, r)
		if err := o.emit(o.part(r)); err != nil {
			return err
		}
	}
	return nil
}

// callOf gives the call that a recording belongs to; empty: there is no such recording.
func (c *connector) callOf(ctx context.Context, at call, id string) (string, error) {
	var r recording
	err := c.read(ctx, at, filled(c.cfg.itemPath, "{id}", id), nil, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			switch string(key) {
			case "recording":
				r = c.decodeRecording(d)
			case "call_id": // without the envelope
				r.callID = d.Word()
			default:
				d.Skip()
			}
		})
	})
	if notThere(err) {
		return "", nil
	}
	return r.callID, err
}

// span is when the call was, by its recordings; zero: they do not say.
func (o *opening) span() (from, to time.Time) {
	for _, r := range o.recs {
		if r.at.IsZero() {
			continue
		}
		if from.IsZero() || r.at.Before(from) {
			from = r.at
		}
		if end := r.at.Add(r.length); end.After(to) {
			to = end
		}
	}
	return from, to
}

// recordingOf finds the recording that an utterance was said in: by its id, by its number, or because
// there is only one.
func (o *opening) recordingOf(id string, index int64) (recording, string) {
	for _, r := range o.recs {
		if id != "" && r.id == id || id == "" && index >= 0 && r.index == index {
			return r, r.id
		}
	}
	switch {
	case id != "":
		return recording{}, id
	case len(o.recs) == 1:
		return o.recs[0], o.recs[0].id
	case index >= 0:
		return recording{}, fmt.Sprintf("index-%d", index)
	default:
		return recording{}, o.id
	}
}
