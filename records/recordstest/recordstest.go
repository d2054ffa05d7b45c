package recordstest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sightglass-gateway/sightglass/records"
)

// Open makes an empty store that the test's cleanup closes, which may have been closed before. again
// opens the same database in another process's stead.
type Open func(t testing.TB) (s records.Store, again func() records.Store)

// Run runs the suite, with a fresh store for each part.
func Run(t *testing.T, open Open) {
	for _, part := range slices.Concat(siteParts, userParts, doorParts, sessionParts, linkParts, grantParts, auditParts, chainParts) {
		t.Run(part.name, func(t *testing.T) {
			s, _ := open(t)
			part.test(t, s)
		})
	}
	for _, part := range restartParts {
		t.Run(part.name, func(t *testing.T) {
			s, again := open(t)
			part.test(t, s, func() records.Store {
				must(t, s.Close())
				return again()
			})
		})
	}
}

type part struct {
	name string
	test func(t *testing.T, s records.Store)
}

// at is a time as stores keep it: to the millisecond, UTC.
var at = time.Date(2026, 11, 24, 9, 30, 0, int(250*time.Millisecond), time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got %v, want no error", err)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

func wantEqual[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// site puts the site "main" and others.
func sites(t testing.TB, s records.Store, more ...records.SiteID) {
	t.Helper()
	for _, id := range append(more, "main") {
		must(t, s.PutSite(t.Context(), records.Site{ID: id, Name: "Site " + string(id), CreatedAt: at}))
	}
}

// user adds an active user with roles in the site "main".
func user(t testing.TB, s records.Store, id records.UserID, roles ...records.Role) records.User {
	t.Helper()
	u := records.User{ID: id, Login: string(id), Name: "Name of " + string(id), PasswordHash: "$argon2id$x", Status: records.UserActive, CreatedAt: at}
	must(t, s.AddUser(t.Context(), u, records.Membership{Site: "main", Roles: roles}))
	return u
}

// wantMoved checks that f moves a site's rights version, or leaves it.
func wantMoved(t *testing.T, s records.Store, site records.SiteID, want bool, what string, f func() error) {
	t.Helper()
	before, err := s.RightsVersion(t.Context(), site)
	must(t, err)
	if err := f(); err != nil {
		t.Fatalf("%s: got %v, want no error", what, err)
	}
	after, err := s.RightsVersion(t.Context(), site)
	must(t, err)
	if after < before || (after > before) != want {
		t.Errorf("%s: rights version %d, then %d; want moved = %v", what, before, after, want)
	}
}
