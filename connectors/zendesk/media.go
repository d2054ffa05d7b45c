package zendesk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

// OpenMedia implements connectors.MediaOpener. It asks where the file was last seen. When it is not
// there any more (an address with a signature that has expired, a token that was changed), its
// address is asked for anew, once: an attachment's by its id, a recording's in the comment of its call.
func (c *connector) OpenMedia(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	op := call{op: at.What + ".open"}
	if at.What != whatAttachment && at.What != whatRecording {
		return connectors.Media{}, c.fail(call{op: "media.open"}, connectors.CodeInternal, "", errors.New("a locator of another kind"))
	}
	if at.URL == "" {
		return c.reopen(ctx, op, at, r, c.fail(op, connectors.CodeGone, goneAction(at), errors.New("no address")))
	}
	m, err := c.fetch(ctx, op, at, r)
	if err == nil || !worthLookingUp(err) {
		return m, err
	}
	return c.reopen(ctx, op, at, r, err)
}

// worthLookingUp: refused or not there, which an old address may be the reason of.
func worthLookingUp(err error) bool {
	switch connectors.CodeOf(err) {
	case connectors.CodeGone, connectors.CodeMissingScope:
		return true
	default:
		return false
	}
}

// reopen looks the file up and tries again if its address has changed; else was is the answer.
func (c *connector) reopen(ctx context.Context, op call, at connectors.Locator, r *connectors.ByteRange, was error) (connectors.Media, error) {
	address, err := c.findAgain(ctx, op, at, was)
	if err != nil {
		return connectors.Media{}, err
	}
	if address == "" || address == at.URL {
		return connectors.Media{}, was
	}
	at.URL = address
	return c.fetch(ctx, op, at, r)
}

// findAgain gives the address that Zendesk has for it now; empty: it cannot be looked up.
func (c *connector) findAgain(ctx context.Context, op call, at connectors.Locator, was error) (string, error) {
	if at.What == whatRecording {
		return c.findRecording(ctx, op, at, was)
	}
	return c.addressOfFile(ctx, op, at.ID)
}

func (c *connector) addressOfFile(ctx context.Context, op call, id string) (string, error) {
	if !ticketIDRE.MatchString(id) {
		return "", nil
	}
	f, err := c.findFile(ctx, op, id)
	if err != nil {
		return "", err
	}
	switch f.state() {
	case connectors.AttachmentOK:
		return f.url, nil
	case connectors.AttachmentBlocked:
		return "", c.fail(op, connectors.CodeGone, "Zendesk found malware in the file and does not give it out.", errors.New("malware found"))
	default:
		return "", c.fail(op, connectors.CodeGone, actFileGone, errors.New("the file was deleted or redacted"))
	}
}

// findFile asks for what Zendesk says about one file.
func (c *connector) findFile(ctx context.Context, op call, id string) (file, error) {
	var f file
	err := c.read(ctx, op, "/api/v2/attachments/"+id, url.Values{}, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "attachment" {
				d.Skip()
				return
			}
			f = decodeFile(d)
		})
	})
	if connectors.CodeOf(err) == connectors.CodeNotFound {
		return f, c.fail(op, connectors.CodeGone, actFileGone, err)
	}
	return f, err
}

// fetch asks at.URL for bytes. The client below checks the host and signs only for the account's own.
func (c *connector) fetch(ctx context.Context, op call, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	u, err := url.Parse(at.URL)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return connectors.Media{}, c.fail(op, connectors.CodeHostRefused, "", errors.New("not an address of the web"))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return connectors.Media{}, c.fail(op, connectors.CodeInternal, "", errors.New("the request cannot be made"))
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity") // ranges and lengths are of the bytes themselves
	if r != nil {
		req.Header.Set("Range", rangeHeader(r))
		if r.IfRange != "" {
			req.Header.Set("If-Range", r.IfRange)
		}
	}
	resp, err := upstream.Do(c.media, req)
	if err != nil {
		return connectors.Media{}, c.elsewhere(at, c.unreached(ctx, op, err))
	}
	if err := c.mediaRefusal(op, at, resp); err != nil {
		_ = resp.Body.Close()
		return connectors.Media{}, err
	}
	return connectors.Media{Status: resp.StatusCode, Header: resp.Header, Body: resp.Body}, nil
}

func rangeHeader(r *connectors.ByteRange) string {
	if r.Header == "" {
		return "bytes=0-"
	}
	return r.Header
}

// mediaRefusal tells why an answer is not the file; nil when it is.
func (c *connector) mediaRefusal(op call, at connectors.Locator, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		if loginPage(at, resp) {
			return c.fail(op, connectors.CodeProviderNonsense, actWebPage, cause(resp, envelope{}))
		}
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		return nil
	case http.StatusNotFound, http.StatusGone:
		return c.fail(op, connectors.CodeGone, goneAction(at), cause(resp, envelope{}))
	case http.StatusForbidden: // of the account, or of a storage that got a credential or a dead signature
		_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBody)
		return c.fail(op, connectors.CodeMissingScope, c.deniedAction(at), cause(resp, envelope{}))
	case http.StatusBadRequest, http.StatusUnauthorized:
		if !c.own(at) { // how some storages answer to a dead signature; it says nothing of our token
			return c.fail(op, connectors.CodeMissingScope, actStorage, cause(resp, envelope{}))
		}
	case http.StatusAccepted, http.StatusNoContent:
		if at.What == whatRecording {
			return c.fail(op, connectors.CodeProviderSlow, actRecordingLate, cause(resp, envelope{}))
		}
	}
	return c.refusal(op, resp)
}

// own tells whether a file lies on the account's own host, which is the one that gets the credential.
func (c *connector) own(at connectors.Locator) bool {
	u, err := url.Parse(at.URL)
	return err == nil && u.Hostname() == c.host()
}

func goneAction(at connectors.Locator) string {
	if at.What == whatRecording {
		return actRecordingGone
	}
	return actFileGone
}

func (c *connector) deniedAction(at connectors.Locator) string {
	switch {
	case !c.own(at):
		return actStorage
	case at.What == whatRecording:
		return actRecordingDenied
	default:
		return actFile
	}
}

// elsewhere gives a refused host the words for a recording: no request has gone there.
func (c *connector) elsewhere(at connectors.Locator, err error) error {
	if e := typed(err); e != nil && e.Code == connectors.CodeHostRefused && at.What == whatRecording {
		known := *e
		known.Action = actRecordingHost
		return &known
	}
	return err
}

// loginPage tells a page that asks to sign in from a file that happens to be HTML: Zendesk sends files
// with a Content-Disposition. A recording is never HTML.
func loginPage(at connectors.Locator, resp *http.Response) bool {
	return isHTML(resp.Header) && (at.What == whatRecording || resp.Header.Get("Content-Disposition") == "")
}
