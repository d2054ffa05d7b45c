package gateway

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

// whoHelps names the person to ask where the action says "an administrator", or says to do it
// oneself. It is a courtesy: what cannot be found out quickly is left as it is.
func (s *Server) whoHelps(ctx context.Context, action string) string {
	p := visitOf(ctx).Principal
	if p == nil {
		return action
	}
	if p.May(auth.ActionLinks) {
		return strings.Replace(action, "Ask an administrator to ", "As an administrator you can: ", 1)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 200*time.Millisecond)
	defer cancel()
	users, in, err := s.store.UsersOf(ctx, p.Site)
	if err != nil {
		return action
	}
	for _, u := range users {
		if u.Status == records.UserActive && u.Name != "" && slices.Contains(rolesIn(in, u.ID), records.RoleAdministrator) {
			return strings.Replace(action, "an administrator", fmt.Sprintf("%s (administrator)", u.Name), 1)
		}
	}
	return action
}

// forwarded lists what X-Forwarded-For says, in order, at most 50 hops of it.
func forwarded(r *http.Request) []string {
	var hops []string
	for _, h := range r.Header.Values("X-Forwarded-For") {
		for f := range strings.SplitSeq(h, ",") {
			f = strings.Trim(strings.TrimSpace(f), "[]")
			hops = append(hops, f)
		}
	}
	if len(hops) > 50 {
		hops = hops[len(hops)-50:]
	}
	return hops
}
