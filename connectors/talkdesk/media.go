package talkdesk

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// errSignature says that storage refused an address: its signature is over, or it never had one.
var errSignature = errors.New("the store refused the address")

// OpenMedia implements connectors.MediaOpener. Where a file lies is asked for each time, since its address
// is good for a moment only; the bytes are then fetched there, without the token. An address that is
// refused is asked for once more.
func (c *connector) OpenMedia(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	op := call{op: at.What + ".open", scope: scopeRecordings, first: true}
	var address func(context.Context, call, string) (string, error)
	switch {
	case at.What == whatRecording && at.ID != "":
		address = c.recordingAddress
	case at.What == whatFile && at.ID != "":
		op.scope, address = scopeAttachments, c.attachmentAddress
	default:
		return connectors.Media{}, c.fail(call{op: "media.open"}, connectors.CodeInternal, "", errors.New("a locator of another kind"))
	}
	var last error
	for range 2 {
		to, err := address(ctx, op, at.ID)
		if err != nil {
			return connectors.Media{}, c.goneIsGone(op, at, err)
		}
		m, err := c.fetch(ctx, op, to, r)
		if err == nil {
			return c.named(at, m), nil
		}
		if last = err; !errors.Is(err, errSignature) {
			break
		}
	}
	return connectors.Media{}, c.goneIsGone(op, at, last)
}

// goneIsGone gives what is not there the words for it: what may be found again by its id, and is not, has
// been deleted.
func (c *connector) goneIsGone(op call, at connectors.Locator, err error) error {
	if !notThere(err) {
		return err
	}
	action := actGone
	if at.What == whatFile {
		action = actFileGone
	}
	return c.fail(op, connectors.CodeGone, action, err)
}

// named says of a recording what it is: it is always an MP3, whatever the store takes it for.
func (c *connector) named(at connectors.Locator, m connectors.Media) connectors.Media {
	t, _, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if at.What == whatRecording && m.Status/100 == 2 && !strings.HasPrefix(t, "audio/") {
		m.Header.Set("Content-Type", "audio/mpeg")
	}
	return m
}

// recordingAddress asks where a recording lies. Talkdesk redirects there; it may also answer with the
// address in JSON, or with the recording itself, which then lies where we asked.
func (c *connector) recordingAddress(ctx context.Context, op call, id string) (string, error) {
	path, q := filled(c.cfg.mediaPath, "{id}", id), url.Values{}
	if c.cfg.redacted != "" {
		q.Set("redacted", c.cfg.redacted)
	}
	resp, err := c.send(connectors.KeepRedirects(ctx), op, http.MethodGet, path, q, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	kind := strings.ToLower(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode/100 == 3:
		return resp.Header.Get("Location"), nil
	case resp.StatusCode == http.StatusNoContent, resp.StatusCode == http.StatusAccepted:
		return "", c.fail(op, connectors.CodeProviderSlow, "The recording is not there yet. Try again in a few minutes.", cause(resp))
	case resp.StatusCode/100 != 2 || isHTML(resp.Header):
		return "", c.refusal(op, resp)
	case strings.Contains(kind, "json"):
		return c.addressIn(ctx, op, resp, "_links")
	default:
		u := url.URL{Scheme: "https", Host: c.cfg.apiHost, Path: path, RawQuery: q.Encode()}
		return u.String(), nil
	}
}

// attachmentAddress asks where a file of a chat lies.
func (c *connector) attachmentAddress(ctx context.Context, op call, id string) (string, error) {
	path := filled(c.cfg.filePath, "{id}", id) + "/download-link"
	resp, err := c.send(connectors.KeepRedirects(ctx), op, http.MethodGet, path, nil, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 == 3 {
		return resp.Header.Get("Location"), nil
	}
	if resp.StatusCode/100 != 2 || isHTML(resp.Header) {
		return "", c.refusal(op, resp)
	}
	return c.addressIn(ctx, op, resp, "url")
}

// addressIn reads an address out of an answer: the member url, or _links.file.href.
func (c *connector) addressIn(ctx context.Context, op call, resp *http.Response, where string) (string, error) {
	address := ""
	err := c.decode(ctx, op, resp.Body, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			switch {
			case string(key) == where && where == "url":
				address = d.Word()
			case string(key) == where, where == "_links" && string(key) == "links":
				address = link(d, "file")
			default:
				d.Skip()
			}
		})
	})
	if err == nil && address == "" {
		err = c.fail(op, connectors.CodeProviderNonsense, "", errShape)
	}
	return address, err
}

// fetch asks for the bytes at an address that Talkdesk gave. The client below signs nothing there, checks
// that the host is declared, and follows on by hand.
func (c *connector) fetch(ctx context.Context, op call, to string, r *connectors.ByteRange) (connectors.Media, error) {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return connectors.Media{}, c.fail(op, connectors.CodeHostRefused, "", errors.New("not an address of the web"))
	}
	if len(c.cfg.storageHosts) > 0 && u.Hostname() != c.cfg.apiHost && !slices.Contains(c.cfg.storageHosts, strings.ToLower(u.Hostname())) {
		return connectors.Media{}, c.fail(op, connectors.CodeHostRefused, "The file lies on a host that is not among the link's storage hosts; nothing was sent there. Ask an administrator.", errors.New("not a storage host of the link"))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return connectors.Media{}, c.fail(op, connectors.CodeInternal, "", errors.New("the request cannot be made"))
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity") // ranges and lengths are of the bytes themselves
	if r != nil {
		req.Header.Set("Range", firstWord(r.Header, "bytes=0-"))
		if r.IfRange != "" {
			req.Header.Set("If-Range", r.IfRange)
		}
	}
	resp, err := c.media.Do(req)
	if err != nil {
		return connectors.Media{}, c.unreached(ctx, op, err)
	}
	if err := c.refused(op, u, resp); err != nil {
		_ = resp.Body.Close()
		return connectors.Media{}, err
	}
	return connectors.Media{Status: resp.StatusCode, Header: resp.Header, Body: resp.Body}, nil
}

// refused tells why an answer is not the file; nil when it is. What a store says in XML is not looked at.
func (c *connector) refused(op call, u *url.URL, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		if isHTML(resp.Header) {
			return c.fail(op, connectors.CodeProviderNonsense, actWebPage, cause(resp))
		}
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		return nil
	case http.StatusForbidden, http.StatusBadRequest, http.StatusUnauthorized:
		if u.Hostname() != c.cfg.apiHost {
			return c.fail(op, connectors.CodeMissingScope, actStorage, errors.Join(errSignature, cause(resp)))
		}
	}
	return c.refusal(op, resp)
}

// described adds to files what Talkdesk says of them. One that it does not find is shown as deleted.
func (c *connector) described(ctx context.Context, files []connectors.Attachment) []connectors.Attachment {
	for n := range files {
		f := &files[n]
		err := c.read(ctx, call{op: "attachment.read", scope: scopeAttachments}, filled(c.cfg.filePath, "{id}", f.ID), nil, func(d *lenient.Decoder) {
			d.Object(func(key []byte) {
				switch string(key) {
				case "name":
					f.Name = connectors.NewText(d.Word())
				case "type":
					f.MediaType = d.MediaType()
				case "size":
					f.Size = max(0, d.Integer())
				default:
					d.Skip()
				}
			})
		})
		if notThere(err) {
			f.State, f.At = connectors.AttachmentDeleted, connectors.Locator{}
		}
	}
	return files
}
