package talkdesk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

const (
	// orders is how often a report is ordered that is refused with 429 or 5xx, maxOrderWait the longest wait
	// before the next time.
	orders       = 4
	maxOrderWait = 30 * time.Second
	// cleanUpTime bounds the deletion of a file that has been read.
	cleanUpTime = 2 * time.Second
)

// report reads one of the Explore API's reports: it is ordered, asked about until it is done, fetched from
// storage, and deleted there. Rows are handed on as they arrive and nothing of them is kept. A time that is
// longer than a report may cover is read in pieces. row reads one row; errEnough ends the reading.
func (c *connector) report(ctx context.Context, at call, kind string, s stretch, row func(*lenient.Decoder)) error {
	for from := s.from; from.Before(s.to); {
		to := from.Add(c.cfg.maxReport)
		if to.After(s.to) {
			to = s.to
		}
		if err := c.onePiece(ctx, at, kind, stretch{from, to}, row); err != nil {
			if errors.Is(err, errEnough) {
				return nil
			}
			return err
		}
		from = to
	}
	return nil
}

func (c *connector) onePiece(ctx context.Context, at call, kind string, s stretch, row func(*lenient.Decoder)) error {
	order, reads := at, at
	order.scope, reads.scope = scopeMakeReports, scopeReports
	patience, cancel := context.WithTimeoutCause(ctx, c.cfg.reportTimeout, errJobSlow)
	defer cancel()
	id, err := c.order(patience, order, kind, s)
	if err != nil {
		return c.slow(ctx, patience, at, err)
	}
	file, err := c.await(patience, reads, kind, id)
	if err != nil {
		return c.slow(ctx, patience, at, err)
	}
	cancel() // from here on the reader's pace counts
	if c.cfg.deleteReports {
		defer c.cleanUp(ctx, order, file)
	}
	return c.readFile(ctx, reads, file, row)
}

// slow tells the end of our own patience from the caller's.
func (c *connector) slow(ctx, patience context.Context, at call, err error) error {
	if ctx.Err() == nil && errors.Is(context.Cause(patience), errJobSlow) {
		return c.fail(at, connectors.CodeProviderSlow, "", errJobSlow)
	}
	return err
}

// order makes a report job and gives its id. It is the one thing that is ever made at Talkdesk.
func (c *connector) order(ctx context.Context, at call, kind string, s stretch) (string, error) {
	body, err := json.Marshal(map[string]any{
		"name": "sightglass", "timezone": "UTC", "format": "json",
		"timespan": map[string]string{"from": s.from.UTC().Format(time.RFC3339), "to": s.to.UTC().Format(time.RFC3339)},
	}, json.Deterministic(true))
	if err != nil {
		return "", c.fail(at, connectors.CodeInternal, "", err)
	}
	for n := 0; ; n++ {
		id, err := c.orderOnce(ctx, at, kind, body)
		after, again := c.orderAgain(err, n)
		if !again {
			return id, err
		}
		if wait(ctx, after) != nil {
			return "", err
		}
	}
}

// orderAgain tells when an order that was refused is worth repeating: after what Talkdesk asks for, or
// twice as long each time.
func (c *connector) orderAgain(err error, n int) (time.Duration, bool) {
	var e *connectors.Error
	if !errors.As(err, &e) || n+1 >= orders || e.Code != connectors.CodeRateLimited && e.Code != connectors.CodeProviderDown {
		return 0, false
	}
	if e.RetryAfter > 0 {
		return e.RetryAfter, e.RetryAfter <= maxOrderWait
	}
	d := min(c.cfg.reportPoll<<n, maxOrderWait)
	return d/2 + rand.N(d), true
}

func (c *connector) orderOnce(ctx context.Context, at call, kind string, body []byte) (string, error) {
	resp, err := c.send(ctx, at, http.MethodPost, c.cfg.prefix+"/"+kind+"/jobs", nil, body)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 || isHTML(resp.Header) {
		return "", c.refusal(at, resp)
	}
	var j job
	if err := c.decode(ctx, at, resp.Body, func(d *lenient.Decoder) { j = c.decodeJob(d) }); err != nil {
		return "", err
	}
	if j.id == "" {
		return "", c.fail(at, connectors.CodeProviderNonsense, "", errShape)
	}
	return j.id, nil
}

// job is what an answer says about a report job.
type job struct{ id, status, file string }

// decodeJob reads a job. Talkdesk's page has its fields at the top, every client has met them in "job";
// where the id is looked for is a setting.
func (c *connector) decodeJob(d *lenient.Decoder) job {
	var j job
	ids := map[string]string{}
	var members func(prefix string)
	members = func(prefix string) {
		d.Object(func(key []byte) {
			path := prefix + string(key)
			switch {
			case string(key) == "_links" || string(key) == "links":
				j.file = link(d, "files")
			case string(key) == "status":
				j.status = strings.ToLower(d.Label())
			case d.Kind() == '{' && strings.Count(path, ".") < 4:
				members(path + ".")
			default:
				if len(ids) < 64 {
					ids[path] = d.ID()
				} else {
					d.Skip()
				}
			}
		})
	}
	members("")
	for _, path := range c.cfg.jobIDs {
		if id := ids[strings.Join(path, ".")]; id != "" && j.id == "" {
			j.id = id
		}
	}
	return j
}

// await asks about a job until it is done, and gives the path of its file.
func (c *connector) await(ctx context.Context, at call, kind, id string) (string, error) {
	path := c.cfg.prefix + "/" + kind + "/jobs/" + url.PathEscape(id)
	for n := 1; ; n++ {
		if err := wait(ctx, time.Duration(min(n, 3))*c.cfg.reportPoll); err != nil {
			return "", c.unreached(ctx, at, err)
		}
		file, done, err := c.askAbout(ctx, at, path, kind, id)
		if err != nil || done {
			return file, err
		}
	}
}

// askAbout asks once. What is done answers with a redirect to its file (Talkdesk's page misprints "300");
// 204 was met while it was not.
func (c *connector) askAbout(ctx context.Context, at call, path, kind, id string) (file string, done bool, err error) {
	resp, err := c.send(connectors.KeepRedirects(ctx), at, http.MethodGet, path, nil, nil)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = resp.Body.Close() }()
	fallback := c.cfg.prefix + "/" + kind + "/files/" + url.PathEscape(id)
	switch {
	case resp.StatusCode/100 == 3:
		if file, _ = c.follow(path, resp.Header.Get("Location")); file == "" {
			file = fallback
		}
		return file, true, nil
	case resp.StatusCode == http.StatusNoContent:
		return "", false, nil
	case resp.StatusCode/100 != 2 || isHTML(resp.Header):
		return "", false, c.refusal(at, resp)
	}
	var j job
	if err := c.decode(ctx, at, resp.Body, func(d *lenient.Decoder) { j = c.decodeJob(d) }); err != nil {
		return "", false, err
	}
	switch j.status {
	case "done", "completed":
		if file, _ = c.follow(path, j.file); file == "" {
			file = fallback
		}
		return file, true, nil
	case "failed", "error", "canceled", "cancelled", "deleted":
		return "", false, c.fail(at, connectors.CodeProviderDown, "", fmt.Errorf("%w: it is %s", errJobFailed, j.status))
	default:
		return "", false, nil
	}
}

// readFile gives a report's rows to row. The file lies in storage, behind a redirect; or it is the answer.
func (c *connector) readFile(ctx context.Context, at call, path string, row func(*lenient.Decoder)) error {
	resp, err := c.send(connectors.KeepRedirects(ctx), at, http.MethodGet, path, nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode/100 == 3:
		m, err := c.fetch(ctx, at, resp.Header.Get("Location"), nil)
		if err != nil {
			return err
		}
		defer func() { _ = m.Body.Close() }()
		return c.rows(ctx, at, m.Body, row)
	case resp.StatusCode/100 != 2 || isHTML(resp.Header):
		return c.refusal(at, resp)
	default:
		return c.rows(ctx, at, resp.Body, row)
	}
}

func (c *connector) rows(ctx context.Context, at call, body io.Reader, row func(*lenient.Decoder)) error {
	listed := false
	err := c.decode(ctx, at, body, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "entries" {
				d.Skip()
				return
			}
			listed = true
			d.Array(func() { row(d) })
		})
	})
	if err == nil && !listed {
		err = c.fail(at, connectors.CodeProviderNonsense, "", errShape)
	}
	return err
}

// cleanUp deletes a report's file: it holds customers' data. That it fails is no fault of the reading. The
// reader may have left by now; the file goes all the same.
func (c *connector) cleanUp(ctx context.Context, at call, file string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	if resp, err := c.send(ctx, at, http.MethodDelete, file, nil, nil); err == nil {
		_ = resp.Body.Close()
	}
}
