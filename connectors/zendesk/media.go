package zendesk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// OpenMedia implements connectors.MediaOpener. It asks where the file was last seen. When it is not
// there any more (an address with a signature that has expired, a token that was changed), its
// address is asked for anew, once.
func (c *connector) OpenMedia(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	op := call{op: at.What + ".open"}
	if at.What != whatAttachment && at.What != whatRecording {
		return connectors.Media{}, c.fail(call{op: "media.open"}, connectors.CodeInternal, "", errors.New("a locator of another kind"))
	}
	if at.URL == "" {
		return c.reopen(ctx, op, at, r, c.fail(op, connectors.CodeGone, actFileGone, errors.New("no address")))
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
	if at.What != whatAttachment || !ticketIDRE.MatchString(at.ID) {
		return connectors.Media{}, was
	}
	f, err := c.findFile(ctx, op, at.ID)
	if err != nil {
		return connectors.Media{}, err
	}
	switch f.state() {
	case connectors.AttachmentOK:
	case connectors.AttachmentBlocked:
		return connectors.Media{}, c.fail(op, connectors.CodeGone, "Zendesk found malware in the file and does not give it out.", errors.New("malware found"))
	default:
		return connectors.Media{}, c.fail(op, connectors.CodeGone, actFileGone, errors.New("the file was deleted or redacted"))
	}
	if f.url == "" || f.url == at.URL {
		return connectors.Media{}, was
	}
	at.URL = f.url
	return c.fetch(ctx, op, at, r)
}

// findFile asks for what Zendesk says about one file.
func (c *connector) findFile(ctx context.Context, op call, id string) (file, error) {
	var f file
	err := c.read(ctx, op, "/api/v2/attachments/"+id, url.Values{}, func(d *decoder) {
		d.object(func(key []byte) {
			if string(key) != "attachment" {
				d.skip()
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
	resp, err := c.media.Do(req)
	if err != nil {
		return connectors.Media{}, c.unreached(ctx, op, err)
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
		return c.fail(op, connectors.CodeGone, actFileGone, cause(resp, envelope{}))
	case http.StatusForbidden: // of the account, or of a storage that got a credential or a dead signature
		_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBody)
		return c.fail(op, connectors.CodeMissingScope, actFile, cause(resp, envelope{}))
	default:
		return c.refusal(op, resp)
	}
}

// loginPage tells a page that asks to sign in from a file that happens to be HTML: Zendesk sends files
// with a Content-Disposition. A recording is never HTML.
func loginPage(at connectors.Locator, resp *http.Response) bool {
	return isHTML(resp.Header) && (at.What == whatRecording || resp.Header.Get("Content-Disposition") == "")
}
