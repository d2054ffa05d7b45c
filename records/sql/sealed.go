package sql

// sealedColumn is a column that holds what a records.Keyring sealed.
type sealedColumn struct{ table, column string }

// sealedColumns are all there are: a backup counts them by key. A test compares the list with what a
// database holds.
var sealedColumns = []sealedColumn{
	{"links", "client_secret"},
	{"links", "refresh_token"},
	{"authorizations", "verifier"},
}
