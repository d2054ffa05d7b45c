package zendesk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// slow serves a ticket whose first page of comments waits after the first comment until released, or
// until the client leaves.
type slow struct {
	release chan struct{}
	left    chan struct{}
}

func newSlow() *slow { return &slow{make(chan struct{}), make(chan struct{})} }

func (s *slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/comments") {
		bare("").ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"comments":[{"id":1,"body":"first"}`)
	_ = http.NewResponseController(w).Flush()
	select {
	case <-s.release:
		_, _ = io.WriteString(w, `,{"id":2,"body":"second"}],"meta":{"has_more":false}}`)
	case <-r.Context().Done():
		close(s.left)
	}
}

func TestFirstCommentIsOutBeforeItsPage(t *testing.T) {
	s := newSlow()
	got := 0
	for p, err := range connect(t, s).Open(t.Context(), ticket) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Type() != connectors.TypeMessage {
			continue
		}
		if got++; got == 1 {
			close(s.release) // the rest of the page is sent only now
		}
	}
	if got != 2 {
		t.Errorf("%d messages, want 2", got)
	}
}

func TestStoppingClosesTheBody(t *testing.T) {
	s := newSlow()
	for p, err := range connect(t, s).Open(t.Context(), ticket) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Type() == connectors.TypeMessage {
			break
		}
	}
	select {
	case <-s.left:
	case <-time.After(time.Second):
		t.Error("the provider's request is still open a second after the reader left")
	}
}

func TestEndOfContextIsTheLastError(t *testing.T) {
	s := newSlow()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("deactivated")
	var last error
	for p, err := range connect(t, s).Open(ctx, ticket) {
		last = err
		if err == nil && p.Type() == connectors.TypeMessage {
			cancel(why)
		}
	}
	cancel(nil)
	if !errors.Is(last, why) {
		t.Errorf("error = %v, want the context's cause", last)
	}
	<-s.left
}

func TestPanickingReaderLeavesNothingBehind(t *testing.T) {
	a := recording(t)
	c := connect(t, a)
	func() {
		defer func() { _ = recover() }()
		for p := range c.Open(t.Context(), ticket) {
			if p.Type() == connectors.TypeMessage {
				panic("reader")
			}
		}
	}() // goleak, after all tests, sees what is left
}

func TestBodiesThatEndEarly(t *testing.T) {
	for name, tc := range map[string]struct {
		body  string
		abort bool
		want  connectors.Code
	}{
		"connection cut":      {`{"comments":[{"id":1,"body":"a"},{"id":2,`, true, connectors.CodeProviderCut},
		"truncated cleanly":   {`{"comments":[{"id":1,"body":"a"},{"id":2,"body":"b`, false, connectors.CodeProviderCut},
		"empty":               {``, false, connectors.CodeProviderCut},
		"malformed":           {`{"comments":[{"id":1,"body":"a"},{"id":2,,}]}`, false, connectors.CodeProviderNonsense},
		"a list":              {`[1,2]`, false, connectors.CodeProviderNonsense},
		"not JSON":            {`<html>`, false, connectors.CodeProviderNonsense},
		"something after it?": {`{"comments":[{"id":1,"body":"a"}]} trailing`, false, ""},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/comments") {
				bare("").ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, tc.body)
			if tc.abort {
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}
		})
		parts, err := collect(t, connect(t, h), ticket)
		if got := connectors.CodeOf(err); got != tc.want {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
		if strings.HasPrefix(tc.body, "{") && len(messageIDs(parts)) == 0 {
			t.Errorf("%s: what came before the fault was not shown", name)
		}
	}
}

// thread serves n comments in pages of 100, each about 4 KB.
func thread(n int) http.Handler {
	text := strings.Repeat("All work and no play. ", 90)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/comments") {
			bare("").ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		from, _ := strconv.Atoi(r.URL.Query().Get("page[after]"))
		to := min(from+100, n)
		_, _ = io.WriteString(w, `{"comments":[`)
		for i := from; i < to; i++ {
			sep := ","
			if i == from {
				sep = ""
			}
			_, _ = fmt.Fprintf(w, `%s{"id":%d,"type":"Comment","author_id":4100,"body":%q,"html_body":%q,"public":true}`, sep, 9007199254740000+i, text, text)
		}
		_, _ = fmt.Fprintf(w, `],"users":[],"meta":{"has_more":%v,"after_cursor":"%d"}}`, to < n, to)
	})
}

func TestMemoryDoesNotGrowWithTheThread(t *testing.T) {
	const comments = 1200
	var early, late uint64
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	n := 0
	for p, err := range connect(t, thread(comments)).Open(t.Context(), ticket) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Type() != connectors.TypeMessage {
			continue
		}
		switch n++; n {
		case 150:
			early = heap()
		case comments - 50:
			late = heap()
		}
	}
	if n != comments {
		t.Fatalf("%d messages, want %d", n, comments)
	}
	if late > early+256<<10 {
		t.Errorf("heap grew from %d to %d bytes between message 150 and %d", early, late, comments-50)
	}
}

func TestSecondPageIsAskedForAfterTheFirstIsRead(t *testing.T) {
	var pages atomic.Int32
	h := thread(250)
	counting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/comments") {
			pages.Add(1)
		}
		h.ServeHTTP(w, r)
	})
	n := 0
	for p, err := range connect(t, counting).Open(t.Context(), ticket) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Type() == connectors.TypeMessage {
			if n++; n <= 100 && pages.Load() != 1 {
				t.Fatalf("page 2 was asked for at message %d", n)
			}
		}
	}
}

// TestHugeItems: one comment far beyond all bounds costs neither the stream nor the ones around it.
func TestHugeItems(t *testing.T) {
	file := `{"id":%d,"file_name":"` + strings.Repeat("n", 6000) + `","content_url":"https://acme.zendesk.com/` + strings.Repeat("u", 6000) + `"}`
	var list []string
	for i := range 500 {
		list = append(list, fmt.Sprintf(file, i+1))
	}
	huge := strings.Repeat("é ", 1<<19)
	doc := `{"comments":[{"id":1,"body":"before"},{"id":2,"html_body":"` + huge + `","plain_body":"` + huge + `","attachments":[` + strings.Join(list, ",") +
		`],"unknown":{"` + huge + `":["` + huge + `"]}},{"id":3,"body":"after"}],"meta":{"has_more":false}}`
	parts, err := collect(t, connect(t, bare(doc)), ticket)
	if err != nil {
		t.Fatal(err)
	}
	m := only[*connectors.Message](parts)
	if len(m) != 3 || !m[1].Truncated || m[0].Truncated || m[2].Truncated {
		t.Fatalf("%d messages, want three, of which the second is truncated", len(m))
	}
	if size := len(lines(t, parts[2:3])); size > 2<<20 {
		t.Errorf("the part has %d bytes, want a line of at most 2 MiB", size)
	}
	if m[1].Text.Len() > 1<<19 || m[1].HTML.Len() > 1<<19 || m[1].Text.Len() < 1<<18 {
		t.Errorf("%d and %d bytes of text are left", m[1].Text.Len(), m[1].HTML.Len())
	}
}
