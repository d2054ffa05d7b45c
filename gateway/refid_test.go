package gateway_test

import "testing"

// A byte that no id may hold is the caller's mistake, and is called one; a path with a segment too
// many is a path we do not have.
func TestWrongBytesInAnID(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	for id, want := range map[string]int{"5%00": 400, "5%2F6": 400, "..%2f..%2fadmin": 400, "5%5C6": 400, "5%206": 400, "5%25": 400,
		"5%0A": 400, "%C3%A9": 400, "5/6": 404, "5": 200} {
		if resp := e.do("GET", "/api/v1/links/fd/interactions/ticket/"+id, analystKey, ""); resp.StatusCode != want {
			t.Errorf("%s: got %d %s, want %d", id, resp.StatusCode, read(t, resp), want)
		} else if want == 400 {
			if p := problemOf(t, resp); p["code"] != "bad_request" {
				t.Errorf("%s: got %v, want bad_request", id, p)
			}
		}
	}
	if resp := e.do("GET", "/api/v1/links/fd/interactions/ticket/5%00", "", ""); resp.StatusCode != 401 {
		t.Errorf("without a sign-in: got %d, want 401", resp.StatusCode)
	}
}
