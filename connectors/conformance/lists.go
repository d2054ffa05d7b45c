package conformance

import (
	"context"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// listParts are for connectors with lists. They read the last ListDays days of the simulator.
func listParts() []part {
	return []part{
		{"ListTellsWhatItPromises", listTells},
		{"ListDoesNotReadAhead", listDoesNotReadAhead},
		{"ListGoesOnBehindAnyRow", listGoesOn},
		{"ListOfAnAgentIsOfThatAgent", listOfAgent},
		{"ListEndsWithItsReader", listEndsWithItsReader},
		{"ListDownIsDown", listFails(FaultDown, connectors.CodeProviderDown)},
		{"ListWebPageIsNonsense", listFails(FaultHTML, connectors.CodeProviderNonsense)},
		{"ListRefusedTokenNeedsReconnect", listFails(FaultRefused, connectors.CodeNeedsReconnect)},
		{"ListLongRateLimitIsTold", listFails(FaultRateLong, connectors.CodeRateLimited)},
	}
}

// ListDays is how far back the suite lists: within one report of the provider that gives least.
const ListDays = 30

// minRows is how many interactions a simulator must have had in that time.
const minRows = 12

func (b *bench) everything() connectors.Filter {
	now := time.Now()
	return connectors.Filter{From: now.AddDate(0, 0, -ListDays), To: now}
}

// list reads up to limit rows (0: all) and what else came, and the error that ended them.
func (b *bench) list(q connectors.Query) (rows []*connectors.Row, others []connectors.Listed, err error) {
	b.Helper()
	for l, err := range b.conn.(connectors.Searcher).Search(b.ctx, q) {
		if err != nil {
			b.errs = append(b.errs, err)
			return rows, others, err
		}
		row, ok := l.(*connectors.Row)
		if !ok {
			others = append(others, l)
			continue
		}
		if rows = append(rows, row); q.Limit > 0 && len(rows) == q.Limit {
			break
		}
	}
	return rows, others, nil
}

func (b *bench) mustList(q connectors.Query) ([]*connectors.Row, []connectors.Listed) {
	b.Helper()
	rows, others, err := b.list(q)
	if err != nil {
		b.Fatalf("a list of %d rows ended with %v", len(rows), err)
	}
	return rows, others
}

// listTells: rows name interactions of this link, within the dates, each once; people are agents; the
// progress adds up; and nothing was written at the provider.
func listTells(b *bench) {
	f := b.everything()
	rows, others := b.mustList(connectors.Query{Filter: f})
	if len(rows) < minRows {
		b.Fatalf("%d rows, want %d or more", len(rows), minRows)
	}
	seen := map[string]bool{}
	for i, r := range rows {
		if r.Ref.Link != Link || !slices.Contains(b.Spec.Kinds, r.Ref.Kind) || r.Ref.ID == "" || r.Channel == "" || seen[r.Ref.ID] {
			b.Errorf("row %d: %+v in %q, want a ref of this link that has not come before, and a channel", i, r.Ref, r.Channel)
		}
		seen[r.Ref.ID] = true
		if r.At.Before(f.From) || !r.At.Before(f.To) {
			b.Errorf("row %d began at %v, which is not in [%v, %v)", i, r.At, f.From, f.To)
		}
	}
	scanned, of := 0, 0
	for _, l := range others {
		switch l := l.(type) {
		case *connectors.Person:
			if l.Role != connectors.RoleAgent {
				b.Errorf("person %s is %q, want agents only", l.ID, l.Role)
			}
		case *connectors.Progress:
			if l.Scanned < scanned {
				b.Errorf("progress went from %d back to %d", scanned, l.Scanned)
			}
			scanned, of = l.Scanned, l.Of
		default:
		}
	}
	if scanned < len(rows) || of > 0 && of < scanned {
		b.Errorf("%d rows, but %d of %d read", len(rows), scanned, of)
	}
	for _, r := range b.target.Requests() {
		reads := r.Method == "GET" || r.Method == "POST" && len(b.Spec.ReadPosts) > 0 // which ones, the client checks
		if !reads && (r.Method != "DELETE" || len(b.Spec.CleanUps) == 0) {
			b.Errorf("the list caused %s %s", r.Method, r.Path)
		}
	}
}

// listDoesNotReadAhead: while the reader looks at the first row, nothing more is asked for.
func listDoesNotReadAhead(b *bench) {
	for l, err := range b.conn.(connectors.Searcher).Search(b.ctx, connectors.Query{Filter: b.everything()}) {
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := l.(*connectors.Row); !ok {
			continue
		}
		before := len(b.target.Requests())
		time.Sleep(50 * time.Millisecond)
		if after := len(b.target.Requests()); after != before {
			b.Errorf("%d requests at the first row, %d a moment later", before, after)
		}
		return
	}
	b.Error("no row came")
}

// listGoesOn: a list that is read in pieces is the list.
func listGoesOn(b *bench) {
	f := b.everything()
	want, _ := b.mustList(connectors.Query{Filter: f})
	var got []*connectors.Row
	after := ""
	for range len(want) {
		rows, _ := b.mustList(connectors.Query{Filter: f, After: after, Limit: 5})
		got = append(got, rows...)
		if len(rows) < 5 {
			break
		}
		after = rows[len(rows)-1].After
		if after == "" {
			b.Fatalf("row %d does not say where to go on", len(got)-1)
		}
	}
	if g, w := idsOf(got), idsOf(want); !slices.Equal(g, w) {
		b.Errorf("in pieces: %v\nat once:   %v", g, w)
	}
	_, _, err := b.list(connectors.Query{Filter: f, After: "what no list has ever given"})
	b.wantCode(err, connectors.CodeCursorExpired)
}

func idsOf(rows []*connectors.Row) []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Ref.ID
	}
	return ids
}

// listOfAgent narrows to the agent of a row.
func listOfAgent(b *bench) {
	f := b.everything()
	all, _ := b.mustList(connectors.Query{Filter: f})
	i := slices.IndexFunc(all, func(r *connectors.Row) bool { return r.Agent != nil && r.Agent.ID != nil })
	if i < 0 {
		b.Fatal("no row has an agent")
	}
	f.Agent = *all[i].Agent.ID
	var want []string
	for _, r := range all {
		if f.Keeps(r, nil, connectors.ByAgent) {
			want = append(want, r.Ref.ID)
		}
	}
	rows, _ := b.mustList(connectors.Query{Filter: f})
	if got := idsOf(rows); !slices.Equal(got, want) {
		b.Errorf("of agent %s: %v, want %v", f.Agent, got, want)
	}
}

func listEndsWithItsReader(b *bench) {
	rows, _ := b.mustList(connectors.Query{Filter: b.everything(), Limit: 1})
	if len(rows) != 1 {
		b.Fatalf("%d rows, want 1", len(rows))
	}
	b.wantIdle()
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	for l, err := range b.conn.(connectors.Searcher).Search(ctx, connectors.Query{Filter: b.everything()}) {
		if err == nil {
			b.Errorf("a %T came for a reader who has gone", l)
		}
	}
}

func listFails(f Fault, want connectors.Code) func(*bench) {
	return func(b *bench) {
		b.inject(f)
		rows, _, err := b.list(connectors.Query{Filter: b.everything()})
		b.wantCode(err, want)
		if len(rows) != 0 {
			b.Errorf("%d rows came out of it", len(rows))
		}
	}
}
