package zendesk

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"strconv"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// Sample implements connectors.Sampler: the count, halved by dates until every part can be paged to,
// then only those pages on which a number lies.
func (c *connector) Sample(ctx context.Context, f connectors.Filter, pick func(int) []int) iter.Seq2[connectors.Listed, error] {
	return func(yield func(connectors.Listed, error) bool) {
		s := &search{c: c, q: connectors.Query{Filter: f}, at: call{op: "tickets.sample"}, names: staff{c: c, known: map[string]bool{}}, yield: yield}
		if err := s.sample(ctx, pick); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// span is a stretch of time with no more tickets than can be paged to.
type span struct {
	from, to time.Time
	count    int
}

func (s *search) sample(ctx context.Context, pick func(int) []int) error {
	if err := s.c.check(s.at, s.q.Filter); err != nil {
		return err
	}
	parts, err := s.c.halve(ctx, s.at, s.q.Filter, nil)
	if err != nil {
		return err
	}
	total := 0
	for _, p := range parts {
		total += p.count
	}
	if err := s.emit(&connectors.Progress{Of: total}); err != nil {
		return err
	}
	numbers, before := pick(total), 0
	for _, p := range parts {
		var local []int
		for len(numbers) > 0 && numbers[0] < before+p.count {
			local = append(local, numbers[0]-before)
			numbers = numbers[1:]
		}
		if err := s.fetch(ctx, p, local); err != nil {
			return err
		}
		before += p.count
	}
	return s.names.name(ctx, s.emit)
}

// halve counts f and cuts it into parts that can be paged to, newest first.
func (c *connector) halve(ctx context.Context, at call, f connectors.Filter, parts []span) ([]span, error) {
	count := 0
	err := c.read(ctx, at, "/api/v2/search/count", url.Values{"query": {compile(f)}}, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) == "count" {
				count = int(d.Integer())
				return
			}
			d.Skip()
		})
	})
	if err != nil || count == 0 {
		return parts, err
	}
	from, to := f.From.Truncate(time.Second), ceil(f.To)
	if count <= maxFound || to.Sub(from) <= time.Second {
		return append(parts, span{from, to, min(count, maxFound)}), nil
	}
	middle := from.Add((to.Sub(from) / 2).Truncate(time.Second))
	f.From, f.To = middle, to
	if parts, err = c.halve(ctx, at, f, parts); err != nil {
		return parts, err
	}
	f.From, f.To = from, middle
	return c.halve(ctx, at, f, parts)
}

// fetch yields the tickets of these numbers of a part.
func (s *search) fetch(ctx context.Context, p span, numbers []int) error {
	f := s.q.Filter
	f.From, f.To = p.from, p.to
	q := url.Values{"query": {compile(f)}, "sort_by": {"created_at"}, "sort_order": {"desc"}, "per_page": {strconv.Itoa(maxSearchPage)}}
	for len(numbers) > 0 {
		page := numbers[0] / maxSearchPage
		q.Set("page", strconv.Itoa(page+1))
		n := page * maxSearchPage
		_, err := s.c.searchPage(ctx, s.at, q, func(r result) error {
			wanted := len(numbers) > 0 && numbers[0] == n
			n++
			if !wanted {
				return nil
			}
			numbers = numbers[1:]
			s.names.meet(r.Agent)
			s.scanned++
			row := r.Row
			row.Scanned = s.scanned
			return s.emit(&row)
		})
		if err != nil {
			return err
		}
		for len(numbers) > 0 && numbers[0] < (page+1)*maxSearchPage {
			numbers = numbers[1:] // counted, but not listed: the index lags
		}
	}
	return nil
}
