package cache

import (
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

const (
	// MaxLife bounds how long a token is kept, whatever its provider says.
	MaxLife = 48 * time.Hour
	// UnknownLife is for a token whose provider gave no expiry.
	UnknownLife = time.Hour
)

// Life is how long a store keeps t: what is left of its life, between the bounds. Not positive: t
// is past and is not put.
func Life(t records.AccessToken, now time.Time) time.Duration {
	if t.ExpiresAt.IsZero() {
		return UnknownLife
	}
	return min(t.ExpiresAt.Sub(now), MaxLife)
}
