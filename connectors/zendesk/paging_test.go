package zendesk_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// refusing answers one path with a status and a JSON body, the others with next.
func refusing(next http.Handler, path string, status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func page(more any, cursor string, ids ...int) string {
	var b strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&b, "%s{\"id\":%d,\"type\":\"Comment\",\"body\":\"c%d\"}", strings.Repeat(",", min(i, 1)), id, id)
	}
	return fmt.Sprintf(`{"comments":[%s],"meta":{"has_more":%v,"after_cursor":%q},"links":{"next":"https://acme.zendesk.com/never"}}`, b.String(), more, cursor)
}

func TestPagingGoesByHasMore(t *testing.T) {
	a := bare(page(true, "c1", 1, 2))
	a["/api/v2/tickets/5012/comments#c1"] = page(`"true"`, "c2", 2, 3) // one again, and a boolean as text
	a["/api/v2/tickets/5012/comments#c2"] = page(false, "c3", 4)
	parts, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "2", "3", "4"}, messageIDs(parts)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestPagingAsksForHundredsInOrder(t *testing.T) {
	var query string
	a := bare(`{"comments":[]}`)
	c := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/comments") {
			query = r.URL.Query().Encode()
		}
		a.ServeHTTP(w, r)
	}))
	if _, err := collect(t, c, ticket); err != nil {
		t.Fatal(err)
	}
	if want := "include=users&include_inline_images=true&page%5Bsize%5D=100&sort=created_at"; query != want {
		t.Errorf("query = %q, want %q", query, want)
	}
}

func TestCursorsThatDoNotMove(t *testing.T) {
	for name, pages := range map[string]map[string]string{
		"the same again":  {"": page(true, "c1", 1), "#c1": page(true, "c1", 2)},
		"a circle":        {"": page(true, "c1", 1), "#c1": page(true, "c2", 2), "#c2": page(true, "c1", 3)},
		"none":            {"": page(true, "", 1)},
		"nothing is new":  {"": page(true, "c1", 1), "#c1": page(true, "c2", 1), "#c2": page(true, "c3", 1), "#c3": page(true, "c4", 1), "#c4": page(false, "", 9)},
		"no list of them": {"": `{"count":0}`},
	} {
		a := bare("")
		for cursor, body := range pages {
			a["/api/v2/tickets/5012/comments"+cursor] = body
		}
		_, err := collect(t, connect(t, a), ticket)
		if got := connectors.CodeOf(err); got != connectors.CodeProviderNonsense {
			t.Errorf("%s: error %v, want provider_nonsense", name, err)
		}
	}
}

func TestEmptyPagesOnTheWay(t *testing.T) {
	a := bare(page(true, "c1"))
	a["/api/v2/tickets/5012/comments#c1"] = page(true, "c2")
	a["/api/v2/tickets/5012/comments#c2"] = page(false, "", 7)
	parts, err := collect(t, connect(t, a), ticket)
	if err != nil || len(messageIDs(parts)) != 1 {
		t.Errorf("messages %v, error %v, want one message", messageIDs(parts), err)
	}
}

func TestOlderPagingStyleIsSaidToBeIncomplete(t *testing.T) {
	for next, want := range map[string]bool{`null`: false, `"https://acme.zendesk.com/api/v2/tickets/5012/comments.json?page=2"`: true} {
		a := bare(`{"comments":[{"id":1,"body":"b"}],"next_page":` + next + `,"previous_page":null,"count":1}`)
		parts, err := collect(t, connect(t, a), ticket)
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for _, h := range only[*connectors.Header](parts) {
			got = got || h.Truncated
		}
		if got != want {
			t.Errorf("next_page %s: truncated = %v, want %v", next, got, want)
		}
	}
}

// numbered serves comments in the older style: n in pages of size, whatever size is asked for.
func numbered(a answers, n, size int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/comments") {
			a.ServeHTTP(w, r)
			return
		}
		at, next := 1, "null"
		if _, err := fmt.Sscan(r.URL.Query().Get("page"), &at); err == nil && (r.URL.Query().Has("page[size]") || r.URL.Query().Get("per_page") != fmt.Sprint(size)) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if at*size < n {
			next = fmt.Sprintf("%q", fmt.Sprintf("https://acme.zendesk.com%s?page=%d&per_page=%d", r.URL.Path, at+1, size))
		}
		var ids []string
		for id := (at-1)*size + 1; id <= min(at*size, n); id++ {
			ids = append(ids, fmt.Sprintf(`{"id":%d,"body":"b"}`, id))
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"comments":[%s],"next_page":%s,"previous_page":null,"count":%d}`, strings.Join(ids, ","), next, n)
	})
}

func TestOlderPagingStyleIsReadWhole(t *testing.T) {
	for _, c := range []struct {
		n, size, want int
		truncated     bool
	}{{0, 10, 0, false}, {7, 10, 7, false}, {20, 10, 20, false}, {25, 10, 25, false}, {101, 1, 100, true}} {
		parts, err := collect(t, connect(t, numbered(bare(""), c.n, c.size)), ticket)
		if err != nil {
			t.Fatal(err)
		}
		truncated := false
		for _, h := range only[*connectors.Header](parts) {
			truncated = truncated || h.Truncated
		}
		if got := len(messageIDs(parts)); got != c.want || truncated != c.truncated {
			t.Errorf("%d comments by %d: got %d, truncated %v; want %d, %v", c.n, c.size, got, truncated, c.want, c.truncated)
		}
	}
}

// A capture whose second page was not taken along shows its first, and says that there is more.
func TestOlderPagingStyleWithoutItsNextPage(t *testing.T) {
	whole := numbered(bare(""), 25, 10)
	parts, err := collect(t, connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("page") {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error":"RecordNotFound","description":"Not found"}`))
			return
		}
		whole.ServeHTTP(w, r)
	})), ticket)
	if err != nil || len(messageIDs(parts)) != 10 {
		t.Errorf("%d messages, error %v; want 10 and none", len(messageIDs(parts)), err)
	}
}
