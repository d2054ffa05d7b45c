package recordstest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

var userParts = []part{
	{"UserComesBack", userComesBack},
	{"LoginIsFolded", loginIsFolded},
	{"MembersOfASite", membersOfASite},
	{"FailedAddLeavesNothing", failedAddLeavesNothing},
	{"PasswordHashIsSwapped", passwordHashIsSwapped},
	{"DeactivationEndsSignIns", deactivationEndsSignIns},
	{"ChangesMoveTheRightsVersion", changesMoveTheRightsVersion},
	{"LastAdministratorStays", lastAdministratorStays},
	{"TwoAdministratorsCannotBothGo", twoAdministratorsCannotBothGo},
}

func userComesBack(t *testing.T, s records.Store) {
	sites(t, s)
	want := user(t, s, "ana", records.RoleAnalyst)
	got, err := s.User(t.Context(), "ana")
	must(t, err)
	wantEqual(t, "user", got, want)
	want.Name, want.PasswordHash, want.Provisioned = "Åsa", "$argon2id$y", true
	want.EndsAt, want.IPRules = want.CreatedAt.Add(time.Hour), networks(t, "203.0.113.0/24", "::1")
	must(t, s.UpdateUser(t.Context(), want))
	got, err = s.UserByLogin(t.Context(), "ana")
	must(t, err)
	wantEqual(t, "updated user", got, want)
	_, err = s.User(t.Context(), "nobody")
	wantErr(t, "an unknown user", err, records.ErrNotFound)
	wantErr(t, "update of an unknown user", s.UpdateUser(t.Context(), records.User{ID: "nobody", Status: records.UserActive}), records.ErrNotFound)
}

func loginIsFolded(t *testing.T, s records.Store) {
	sites(t, s)
	must(t, s.AddUser(t.Context(), records.User{ID: "1", Login: "ÅSA@Acme.example"}))
	for _, login := range []string{"åsa@acme.example", "A\u030ASA@acme.EXAMPLE", "ÅSA@ACME.EXAMPLE"} {
		got, err := s.UserByLogin(t.Context(), login)
		if err != nil || got.ID != "1" || got.Status != records.UserActive {
			t.Errorf("login %+q: got %+v, %v, want user 1, active", login, got, err)
		}
		wantErr(t, "the login again, as "+login, s.AddUser(t.Context(), records.User{ID: "2", Login: login}), records.ErrExists)
	}
	for _, login := range []string{"rin\x00", "\xff"} {
		_, err := s.UserByLogin(t.Context(), login)
		wantErr(t, fmt.Sprintf("login %+q", login), err, records.ErrNotFound)
	}
	wantErr(t, "the id again", s.AddUser(t.Context(), records.User{ID: "1", Login: "other"}), records.ErrExists)
}

func membersOfASite(t *testing.T, s records.Store) {
	sites(t, s, "b")
	zoe, ana := user(t, s, "zoe", records.RoleAnalyst), user(t, s, "ana", records.RoleAdministrator, records.RoleAnalyst)
	must(t, s.PutMembership(t.Context(), records.Membership{Site: "b", User: "zoe", Roles: []records.Role{records.RoleAgent}}))
	users, members, err := s.UsersOf(t.Context(), "main")
	must(t, err)
	wantEqual(t, "users", users, []records.User{ana, zoe})
	wantEqual(t, "memberships", members, []records.Membership{
		{Site: "main", User: "ana", Roles: []records.Role{records.RoleAdministrator, records.RoleAnalyst}},
		{Site: "main", User: "zoe", Roles: []records.Role{records.RoleAnalyst}},
	})
	got, err := s.Memberships(t.Context(), "zoe")
	must(t, err)
	wantEqual(t, "memberships of zoe", got, []records.Membership{
		{Site: "b", User: "zoe", Roles: []records.Role{records.RoleAgent}},
		{Site: "main", User: "zoe", Roles: []records.Role{records.RoleAnalyst}},
	})
	must(t, s.PutMembership(t.Context(), records.Membership{Site: "main", User: "zoe"}))
	if _, members, _ = s.UsersOf(t.Context(), "main"); len(members) != 1 {
		t.Errorf("members after zoe has left: got %v, want ana", members)
	}
	wantErr(t, "membership of an unknown user",
		s.PutMembership(t.Context(), records.Membership{Site: "main", User: "nobody", Roles: []records.Role{records.RoleAgent}}), records.ErrNotFound)
	wantErr(t, "membership in an unknown site",
		s.PutMembership(t.Context(), records.Membership{Site: "nowhere", User: "zoe", Roles: []records.Role{records.RoleAgent}}), records.ErrNotFound)
}

func failedAddLeavesNothing(t *testing.T, s records.Store) {
	sites(t, s)
	err := s.AddUser(t.Context(), records.User{ID: "ana", Login: "ana"}, records.Membership{Site: "main", Roles: []records.Role{"king"}})
	if err == nil {
		t.Error("an unknown role: got no error")
	}
	err = s.AddUser(t.Context(), records.User{ID: "ana", Login: "ana"}, records.Membership{Site: "nowhere", Roles: []records.Role{records.RoleAgent}})
	wantErr(t, "an unknown site", err, records.ErrNotFound)
	_, err = s.User(t.Context(), "ana")
	wantErr(t, "the user afterwards", err, records.ErrNotFound)
}

func passwordHashIsSwapped(t *testing.T, s records.Store) {
	sites(t, s)
	want := user(t, s, "ana", records.RoleAnalyst)
	want.Status, want.Name = records.UserInactive, "Åsa" // whatever happens at the same time stays
	must(t, s.UpdateUser(t.Context(), want))
	wantMoved(t, s, "main", false, "a new hash of the same password", func() error {
		return s.SetPasswordHash(t.Context(), "ana", want.PasswordHash, "$argon2id$z")
	})
	wantErr(t, "from a hash that was replaced", s.SetPasswordHash(t.Context(), "ana", want.PasswordHash, "$argon2id$w"), records.ErrStale)
	wantErr(t, "of an unknown user", s.SetPasswordHash(t.Context(), "nobody", "", "$argon2id$w"), records.ErrNotFound)
	want.PasswordHash = "$argon2id$z"
	got, err := s.User(t.Context(), "ana")
	must(t, err)
	wantEqual(t, "user", got, want)
}

func deactivationEndsSignIns(t *testing.T, s records.Store) {
	sites(t, s)
	ana, session, once := user(t, s, "ana", records.RoleAnalyst), []byte("session"), []byte("once")
	must(t, s.AddSession(t.Context(), records.Session{Hash: session, Site: "main", User: "ana", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}))
	must(t, s.AddOnce(t.Context(), records.Once{Hash: once, Site: "main", User: "ana", ExpiresAt: at.Add(time.Hour)}))
	ana.Status = records.UserInactive
	wantMoved(t, s, "main", true, "deactivation", func() error { return s.UpdateUser(t.Context(), ana) })
	_, err := s.SessionByHash(t.Context(), session)
	wantErr(t, "the session afterwards", err, records.ErrNotFound)
	_, err = s.TakeOnce(t.Context(), once, at)
	wantErr(t, "the one-time link afterwards", err, records.ErrNotFound)
	err = s.AddSession(t.Context(), records.Session{Hash: session, Site: "main", User: "ana", CreatedAt: at, ExpiresAt: at.Add(time.Hour)})
	wantErr(t, "a session of an inactive user", err, records.ErrNotFound)
	err = s.AddOnce(t.Context(), records.Once{Hash: once, Site: "main", User: "ana", ExpiresAt: at.Add(time.Hour)})
	wantErr(t, "a one-time link of an inactive user", err, records.ErrNotFound)
}

func changesMoveTheRightsVersion(t *testing.T, s records.Store) {
	sites(t, s, "b")
	ana := user(t, s, "ana", records.RoleAnalyst)
	member := func(roles ...records.Role) func() error {
		return func() error {
			return s.PutMembership(t.Context(), records.Membership{Site: "main", User: "ana", Roles: roles})
		}
	}
	wantMoved(t, s, "main", true, "other roles", member(records.RoleAgent))
	wantMoved(t, s, "b", false, "other roles elsewhere", member(records.RoleAnalyst))
	wantMoved(t, s, "main", true, "an update", func() error { return s.UpdateUser(t.Context(), ana) })
	wantMoved(t, s, "b", false, "an update of somebody else's", func() error { return s.UpdateUser(t.Context(), ana) })
	wantMoved(t, s, "main", true, "a new member", func() error {
		return s.AddUser(t.Context(), records.User{ID: "bo", Login: "bo"}, records.Membership{Site: "main", Roles: []records.Role{records.RoleAgent}})
	})
	wantMoved(t, s, "main", true, "a member who leaves", member())
}

func lastAdministratorStays(t *testing.T, s records.Store) {
	sites(t, s, "b")
	ana := user(t, s, "ana", records.RoleAdministrator, records.RoleAnalyst)
	bo := user(t, s, "bo", records.RoleAnalyst)
	in := func(site records.SiteID, id records.UserID, roles ...records.Role) error {
		return s.PutMembership(t.Context(), records.Membership{Site: site, User: id, Roles: roles})
	}
	inactive := ana
	inactive.Status = records.UserInactive
	wantErr(t, "deactivate the last one", s.UpdateUser(t.Context(), inactive), records.ErrLastAdministrator)
	wantErr(t, "demote the last one", in("main", "ana", records.RoleAnalyst), records.ErrLastAdministrator)
	wantErr(t, "remove the last one", in("main", "ana"), records.ErrLastAdministrator)
	must(t, in("b", "bo", records.RoleAdministrator)) // of another site: does not count
	wantErr(t, "demote the last one", in("main", "ana", records.RoleAnalyst), records.ErrLastAdministrator)
	must(t, in("main", "ana", records.RoleAdministrator)) // stays one

	ending := ana
	ending.EndsAt = ana.CreatedAt.Add(time.Hour)
	wantErr(t, "an end for the last one", s.UpdateUser(t.Context(), ending), records.ErrLastAdministrator)

	must(t, in("main", "bo", records.RoleAdministrator))
	must(t, s.UpdateUser(t.Context(), ending))
	leaving := bo
	leaving.EndsAt = ending.EndsAt
	wantErr(t, "an end for the last one without", s.UpdateUser(t.Context(), leaving), records.ErrLastAdministrator)
	must(t, s.UpdateUser(t.Context(), inactive))
	bo.Status = records.UserInactive
	wantErr(t, "deactivate the last active one", s.UpdateUser(t.Context(), bo), records.ErrLastAdministrator)
	wantErr(t, "demote the last active one", in("main", "bo", records.RoleAnalyst), records.ErrLastAdministrator)
	must(t, in("main", "ana")) // inactive: not the last active one
	got, err := s.User(t.Context(), "bo")
	if err != nil || got.Status != records.UserActive {
		t.Errorf("bo: got %+v, %v, want active", got, err)
	}
}

// Each of two demotions is fine alone. However they meet, one administrator stays.
func twoAdministratorsCannotBothGo(t *testing.T, s records.Store) {
	sites(t, s)
	ana, bo := user(t, s, "ana", records.RoleAdministrator), user(t, s, "bo", records.RoleAdministrator)
	for round := range 20 {
		leave := []func() error{
			func() error {
				return s.PutMembership(t.Context(), records.Membership{Site: "main", User: "ana", Roles: []records.Role{records.RoleAgent}})
			},
			func() error {
				gone := bo
				gone.Status = records.UserInactive
				return s.UpdateUser(t.Context(), gone)
			},
		}
		refused := 0
		for _, err := range together(leave) {
			if errors.Is(err, records.ErrLastAdministrator) {
				refused++
			} else if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		if refused != 1 {
			t.Fatalf("round %d: %d of 2 were refused, want 1", round, refused)
		}
		must(t, s.PutMembership(t.Context(), records.Membership{Site: "main", User: "ana", Roles: []records.Role{records.RoleAdministrator}}))
		must(t, s.UpdateUser(t.Context(), ana))
		must(t, s.UpdateUser(t.Context(), bo))
	}
}

// together runs calls at the same time and gives their errors.
func together(calls []func() error) []error {
	errs := make([]error, len(calls))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() {
			<-start
			errs[i] = call()
		})
	}
	close(start)
	all.Wait()
	return slices.Clone(errs)
}
