package gateway_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// A canary in every field of a ticket is in the stream and nowhere else: not in the log (at debug
// level), not in metrics, not in the database's files, not in an error.
func TestCanary(t *testing.T) {
	const canary = "SGC1-MFRGGZDFMZTWQ2LKNNWG23TPOB"
	e, s := withSim(t, sim.Options{Canary: canary})
	metrics := e.server.Metrics()
	stream := read(t, e.do("GET", ticketPath(sim.CanaryTicket), analystKey, ""))
	if n := strings.Count(stream, canary); n < 5 {
		t.Fatalf("the canary is %d times in the stream: %s", n, stream)
	}
	media(t, e, stream)
	_ = e.do("POST", "/api/v1/resolve", analystKey, fmt.Sprintf(`{"text":"%s"}`, canary))
	_ = e.do("POST", "/api/v1/resolve", analystKey, fmt.Sprintf(`{"%s":1}`, canary))
	_ = e.do("POST", "/api/v1/session", "", fmt.Sprintf(`{"login":"%s","password":"%s"}`, canary, canary))
	_ = e.do("GET", "/"+canary+"?q="+canary, analystKey, "", "User-Agent", canary)
	_ = e.do(canary, "/", "", "")
	for _, kind := range []sim.FaultKind{sim.FaultServerError, sim.FaultRateJSON, sim.FaultHTML200, sim.FaultCut, sim.FaultUnauthorized} {
		s.Set(sim.Fault{Name: "f", Kind: kind})
		resp := e.do("GET", ticketPath(sim.CanaryTicket), analystKey, "")
		if body := read(t, resp); resp.StatusCode != 200 && strings.Contains(body, canary) {
			t.Errorf("fault %s: the canary is in the error: %s", kind, body)
		}
		s.Clear("f")
	}
	surfaces := map[string]string{"log": e.log.String(), "metrics": scrape(t, metrics)}
	must(t, e.stop())
	for _, f := range filesIn(t, e.dir) {
		b, err := os.ReadFile(f)
		must(t, err)
		surfaces[filepath.Base(f)] = string(b)
	}
	if len(surfaces["log"]) < 1000 || len(surfaces["metrics"]) < 1000 || len(surfaces["records.db"]) < 1000 {
		t.Fatalf("a surface is empty: log %d, metrics %d, database %d", len(surfaces["log"]), len(surfaces["metrics"]), len(surfaces["records.db"]))
	}
	for name, text := range surfaces {
		for form, find := range forms(canary) {
			if strings.Contains(text, find) {
				t.Errorf("%s has the canary as %s", name, form)
			}
		}
	}
	for form, find := range forms(canary) { // positive control: planted, it is found
		planted := filepath.Join(e.dir, "planted")
		must(t, os.WriteFile(planted, []byte("before "+encoded(canary, form)+" after"), 0o600))
		b, err := os.ReadFile(planted)
		must(t, err)
		if !strings.Contains(string(b), find) {
			t.Errorf("a planted %s is not found", form)
		}
	}
}

// forms gives what to search for: for base64, the part that does not depend on what is around it.
func forms(s string) map[string]string {
	return map[string]string{
		"raw": s, "lower": strings.ToLower(s), "hex": hex.EncodeToString([]byte(s)), "reversed": reversed(s), "fragment": s[10:22],
		"base64 at 0": inner(base64.StdEncoding.EncodeToString([]byte(s))), "base64 at 1": inner(base64.StdEncoding.EncodeToString([]byte("x" + s))),
		"base64 at 2": inner(base64.StdEncoding.EncodeToString([]byte("xx" + s))), "percent": percent(s), "json": unicode(s),
		"utf-16": utf16(s),
	}
}

func encoded(s, form string) string {
	switch form {
	case "base64 at 0":
		return base64.StdEncoding.EncodeToString([]byte(s))
	case "base64 at 1":
		return base64.StdEncoding.EncodeToString([]byte("x" + s))
	case "base64 at 2":
		return base64.StdEncoding.EncodeToString([]byte("xx" + s))
	default:
		return forms(s)[form]
	}
}

func inner(b64 string) string { return b64[4 : len(b64)-8] }

func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func unicode(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}

func utf16(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteByte(c)
		b.WriteByte(0)
	}
	return b.String()
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func filesIn(t testing.TB, dir string) []string {
	var all []string
	must(t, filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, p)
		}
		return err
	}))
	return all
}

func scrape(t testing.TB, h http.Handler) string {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if rec.Code != 200 {
		t.Fatalf("metrics: %d", rec.Code)
	}
	return rec.Body.String()
}

// media fetches every file of a stream.
func media(t testing.TB, e *env, stream string) {
	for line := range strings.Lines(stream) {
		var p struct{ Attachments []struct{ Handle string } }
		must(t, json.Unmarshal([]byte(line), &p))
		for _, a := range p.Attachments {
			if a.Handle != "" {
				_ = read(t, e.do("GET", "/api/v1/media/"+a.Handle, analystKey, ""))
			}
		}
	}
}
