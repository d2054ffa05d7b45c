package main

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSkmemAddsQueuesOfAllSockets(t *testing.T) {
	out := `ESTAB 0 0 127.0.0.1:1 127.0.0.1:2
	 skmem:(r100,rb131072,t0,tb2626560,f4294966272,w20,o0,bl0,d0)
ESTAB 0 0 127.0.0.1:2 127.0.0.1:1
	 skmem:(r0,rb131072,t0,tb2626560,f0,w3,o0,bl0,d0)`
	if got := skmem(out); got != 123 {
		t.Errorf("got %d, want r and w of both sockets: 123", got)
	}
}

func TestGoalsAreJudgedByTheMedian(t *testing.T) {
	r := func(gateway float64) round {
		return round{nameDirect: 100, nameHAProxy: 200, nameNginx: 150, nameCaddy: 400, nameProxy: 300, nameGateway: gateway}
	}
	for _, tc := range []struct {
		goal   goal
		rounds []round
		want   string
	}{
		{goal{ratio: added(nameHAProxy), limit: 1.25}, []round{r(225), r(225), r(900)}, "pass"},
		{goal{ratio: added(nameHAProxy), limit: 1.25}, []round{r(226), r(226), r(110)}, "MISS"},
		{goal{ratio: added(nameHAProxy), limit: 1.25}, []round{r(90)}, "MISS"}, // faster than direct: not believed
		{goal{ratio: over(nameProxy), limit: 0.75}, []round{r(225)}, "pass"},
		{goal{ratio: overBest, limit: 0.9}, []round{r(140)}, "MISS"},
		{goal{ratio: over(nameDirect), limit: 2.5, least: true}, []round{r(240), r(260)}, "pass"},
		{goal{ratio: over("absent"), limit: 2}, []round{r(240)}, "MISS"},
	} {
		var out bytes.Buffer
		verdict(&out, tc.goal, tc.rounds)
		if !strings.Contains(out.String(), tc.want) {
			t.Errorf("rounds %v, limit %v: got %q, want %s", tc.rounds, tc.goal.limit, out.String(), tc.want)
		}
	}
	if s := spreadOf([]float64{3, 1, 2, 10}); s.median != 2.5 || s.least != 1 || s.most != 10 || math.IsNaN(s.median) {
		t.Errorf("spread of 3 1 2 10: got %+v, want 2.5 (1 – 10)", s)
	}
}

func TestTheProviderServesRanges(t *testing.T) {
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, longPath, nil)
	req.SetPathValue("name", "long")
	req.Header.Set("Range", "bytes=1048570-1048579")
	serveFile(w, req)
	want := append(bytes.Clone(noise[1048570:1048576]), noise[:4]...)
	if got, _ := io.ReadAll(w.Body); w.Code != http.StatusPartialContent || !bytes.Equal(got, want) {
		t.Errorf("across the pattern's end: got %d %q, want 206 %q", w.Code, got, want)
	}
}
