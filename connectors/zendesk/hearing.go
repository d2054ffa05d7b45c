package zendesk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

// tried is how many of the newest calls the self-test looks at: recordings get deleted.
const tried = 3

// probeRecording asks for the first byte of one recorded call: whether recordings may be heard shows
// nowhere else. Of the comments in which calls stand only addresses are looked at. The spellings of via
// are repeated terms, of which one must hold.
func (c *connector) probeRecording(ctx context.Context) connectors.Check {
	check := connectors.Check{Name: "recording", OK: true, Say: "Not tried: none of the newest calls has a recording."}
	calls, err := c.newestCalls(ctx)
	if err != nil {
		check.OK = false
		check.Say, check.Fix = sayWhy(err)
		return check
	}
	for _, ticket := range calls {
		address := c.recordingIn(ctx, ticket)
		if address == "" {
			continue
		}
		status, err := c.firstByte(ctx, ticket, address)
		switch code := connectors.CodeOf(err); {
		case code == connectors.CodeGone || code == connectors.CodeProviderSlow:
		case err != nil:
			check.OK = false
			check.Say, check.Fix = sayWhy(err)
			return check
		case status == http.StatusPartialContent:
			check.Say = "Recordings may be heard, and any second of them is there at once."
			return check
		default:
			check.Say = "Recordings may be heard, from their beginning only: Zendesk gave no part of one."
			return check
		}
	}
	return check
}

// newestCalls gives the ids of tickets that came by telephone.
func (c *connector) newestCalls(ctx context.Context) ([]string, error) {
	var found []string
	q := url.Values{"query": {"type:ticket via:phone via:voice"}, "sort_by": {"created_at"}, "sort_order": {"desc"}, "per_page": {"3"}}
	err := c.read(ctx, call{op: "probe.calls", probe: true}, "/api/v2/search", q, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "results" {
				d.Skip()
				return
			}
			d.Array(func() {
				if id := decodePerson(d).id; ticketIDRE.MatchString(id) && len(found) < tried {
					found = append(found, id)
				}
			})
		})
	})
	return found, err
}

// recordingIn gives the address of the first recording in a ticket's comments; "" when there is none.
func (c *connector) recordingIn(ctx context.Context, ticket string) string {
	address := ""
	err := c.walk(ctx, pages{
		at:    call{op: "probe.recording", probe: true},
		path:  "/api/v2/tickets/" + ticket + "/comments",
		query: url.Values{"sort": {"created_at"}},
		list:  "comments",
		item: func(d *lenient.Decoder) bool {
			if one := decodeComment(d); d.Err == nil && one.call.recordingURL != "" {
				address, d.Err = one.call.recordingURL, errStop
			}
			return true
		},
	})
	if err != nil && !errors.Is(err, errStop) {
		return ""
	}
	return address
}

func (c *connector) firstByte(ctx context.Context, ticket, address string) (int, error) {
	at := connectors.Locator{What: whatRecording, URL: address, Ref: records.Ref{Link: c.link, Kind: records.KindTicket, ID: ticket}}
	m, err := c.fetch(ctx, call{op: "probe.recording", probe: true}, at, &connectors.ByteRange{Header: "bytes=0-0"})
	if err != nil {
		return 0, err
	}
	_ = m.Body.Close()
	return m.Status, nil
}
