package zendesk

import (
	"context"
	"errors"
	"net/url"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

// findRecording gives the address of a recording as Zendesk knows it now. Zendesk has no list of
// recordings: an address stands in the comment of its call, or with the file that a partner attached.
// was is what became of the address at.
func (c *connector) findRecording(ctx context.Context, op call, at connectors.Locator, was error) (string, error) {
	comment, file := partsOfID(at.ID)
	if file != "" {
		return c.addressOfFile(ctx, op, file)
	}
	if at.Ref.Kind != records.KindTicket || !ticketIDRE.MatchString(at.Ref.ID) {
		return "", c.fail(op, connectors.CodeGone, actRecordingGone, errors.New("no ticket to look in"))
	}
	found, err := c.findComment(ctx, op, at.Ref.ID, comment)
	switch {
	case connectors.CodeOf(err) == connectors.CodeNotFound:
		return "", c.fail(op, connectors.CodeGone, actRecordingGone, err)
	case err != nil:
		return "", err
	case found.call.recordingURL == "" && c.recent(found.at):
		return "", c.fail(op, connectors.CodeProviderSlow, actRecordingLate, errors.New("the comment names no recording"))
	case found.call.recordingURL == "":
		return "", c.fail(op, connectors.CodeGone, actRecordingGone, errors.New("the comment names no recording"))
	case found.call.recordingURL == at.URL && c.recent(found.at) && connectors.CodeOf(was) == connectors.CodeGone:
		return "", c.fail(op, connectors.CodeProviderSlow, actRecordingLate, errors.New("the comment names a recording that is not there"))
	}
	return found.call.recordingURL, nil
}

// findComment pages through a ticket's comments, oldest first, as far as the one that is wanted.
func (c *connector) findComment(ctx context.Context, op call, ticket, id string) (comment, error) {
	var found comment
	seen := ids{}
	err := c.walk(ctx, pages{
		at:    op,
		path:  "/api/v2/tickets/" + ticket + "/comments",
		query: url.Values{"sort": {"created_at"}},
		list:  "comments",
		item: func(d *lenient.Decoder) bool {
			one := decodeComment(d)
			if d.Err == nil && one.id == id && id != "" {
				found, d.Err = one, errStop
			}
			return seen.add(one.id)
		},
	})
	if errors.Is(err, errStop) {
		return found, nil
	}
	if err == nil {
		err = c.fail(op, connectors.CodeNotFound, "", errors.New("no comment has this id"))
	}
	return comment{}, err
}
