package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"regexp"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// ListInteractions implements api.StrictServerInterface. The order of checks is that of opening.
func (s *Server) ListInteractions(ctx context.Context, q api.ListInteractionsRequestObject) (api.ListInteractionsResponseObject, error) {
	r, err := listQuery(visitOf(ctx).Request.URL.Query())
	if err != nil {
		return nil, s.afterRights(ctx, q.Link, err)
	}
	return s.list(ctx, q.Link, r)
}

// SearchInteractions implements api.StrictServerInterface.
func (s *Server) SearchInteractions(ctx context.Context, q api.SearchInteractionsRequestObject) (api.SearchInteractionsResponseObject, error) {
	return s.list(ctx, q.Link, *q.Body)
}

// afterRights gives err to who may list this link at all.
func (s *Server) afterRights(ctx context.Context, link string, err error) error {
	if _, e := s.lister(ctx, link); e != nil {
		return e
	}
	return err
}

// lister is a link that somebody may list.
func (s *Server) lister(ctx context.Context, link string) (*listing, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	id := records.LinkID{Site: who.Site, Link: link}
	row, conn, _, err := s.linker.Connect(ctx, id)
	if err != nil {
		return nil, err
	}
	if !who.May(auth.ActionList) {
		return nil, &connectors.Error{Code: connectors.CodeNotAllowed, Op: "interaction.list"}
	}
	spec, _ := s.deps.Registry.Spec(row.Provider)
	search, ok := conn.(connectors.Searcher)
	if !ok {
		return nil, reason(connectors.CodeNotFound, spec.Title+" has no lists here.")
	}
	if _, err := s.linker.openable(ctx, id); err != nil {
		return nil, err
	}
	if s.stopping.Load() {
		return nil, &connectors.Error{Code: connectors.CodeStopping}
	}
	v := visitOf(ctx)
	return &listing{s: s, visit: v, run: &running{principal: who, token: v.Token, peer: v.Peer, action: auth.ActionList, link: id}, row: row,
		spec: spec, conn: conn, search: search, lines: !prefersArray(v.Request) && acceptsLines(v), event: records.AuditListed}, nil
}

// acceptsLines: a list is JSON unless lines are asked for by name.
func acceptsLines(v *visit) bool {
	return v.Request != nil && strings.Contains(v.Request.Header.Get("Accept"), "ndjson")
}

func (s *Server) list(ctx context.Context, link string, r api.ListRequest) (*listing, error) {
	l, err := s.lister(ctx, link)
	if err != nil {
		return nil, err
	}
	asked, err := listFilter(r)
	if err != nil {
		return nil, err
	}
	if err := l.narrow(asked); err != nil {
		return nil, err
	}
	if l.limit, err = l.limited(r.Limit); err != nil {
		return nil, err
	}
	if text := value(r.Cursor); text != "" {
		c, err := s.openCursor(text, asked, l.run.principal, link)
		if err != nil {
			return nil, err
		}
		l.filter.From, l.filter.To = time.UnixMilli(c.From).UTC(), time.UnixMilli(c.To).UTC()
		l.after, l.before = c.After, c.Scanned
	}
	return l, nil
}

// narrow takes a filter as it was asked for, and gives it dates.
func (l *listing) narrow(asked connectors.Filter) (err error) {
	l.asked = fingerprint(asked)
	if l.filter, err = dated(asked, l.s.now()); err != nil {
		return err
	}
	l.here, err = fits(l.filter, l.spec.Filters)
	return err
}

func (l *listing) limited(asked *int) (int, error) {
	most := maxListedJSON
	if l.lines {
		most = maxListed
	}
	switch {
	case asked == nil:
		return defaultListed, nil
	case *asked < 1 || *asked > most:
		return 0, bad("limit", "1 to 500 as JSON, 1 to 5000 as lines")
	default:
		return *asked, nil
	}
}

// maxDrawn bounds a draw.
const maxDrawn = 100

// seedRE is what a seed looks like: enough to be typed, too little to hold a sentence, since it stands
// in the audit log.
var seedRE = regexp.MustCompile(`^[A-Z0-9]{4}-[A-Z0-9]{4}$`)

func newSeed() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	s := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").EncodeToString(b[:])
	return s[:4] + "-" + s[4:]
}

// DrawInteractions implements api.StrictServerInterface.
func (s *Server) DrawInteractions(ctx context.Context, q api.DrawInteractionsRequestObject) (api.DrawInteractionsResponseObject, error) {
	l, err := s.lister(ctx, q.Link)
	if err != nil {
		return nil, err
	}
	l.seed = strings.ToUpper(strings.TrimSpace(value(q.Body.Seed)))
	if l.seed == "" {
		l.seed = newSeed()
	}
	switch {
	case q.Body.N < 1 || q.Body.N > maxDrawn:
		return nil, bad("n", "1 to 100")
	case !seedRE.MatchString(l.seed):
		return nil, bad("seed", "as a draw gave it, such as 7K3M-9QXD")
	}
	asked, err := listFilter(value(q.Body.Filter))
	if err != nil {
		return nil, err
	}
	l.limit, l.event = q.Body.N, records.AuditDrawn
	return l, l.narrow(asked)
}

// GetFilters implements api.StrictServerInterface.
func (s *Server) GetFilters(ctx context.Context, q api.GetFiltersRequestObject) (api.GetFiltersResponseObject, error) {
	l, err := s.lister(ctx, q.Link)
	if err != nil {
		return nil, err
	}
	c := choices{l: l}
	if chooser, ok := l.conn.(connectors.Chooser); ok {
		if c.Choices, err = chooser.Choices(connectors.Background(ctx)); err != nil {
			return nil, err
		}
	}
	return c, nil
}
