// Package backup writes and reads the one encrypted file that a backup of records is.
//
// It owns the file: its encryption (the format of age, age-encryption.org/v1, in chunks that are each
// authenticated), that it appears whole or not at all, and what is said about one that does not open.
// It does not own what is in it: that is the dump of package records/sql, which it streams through.
//
// Start at Write and Open.
package backup
