package auth

import "github.com/alexedwards/argon2id"

// HashCost sets what hashes cost until the returned function is called. Most tests need many
// sign-ins and no cost.
func HashCost(p argon2id.Params) (restore func()) {
	before := hashParams
	hashParams = p
	return func() { hashParams = before }
}

// RealHashCost is what hashes cost outside tests.
var RealHashCost = hashParams
