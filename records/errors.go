package records

import "errors"

var (
	// ErrNotFound says that no such record exists in this site.
	ErrNotFound = errors.New("records: not found")
	// ErrExists says that a record of that name exists already.
	ErrExists = errors.New("records: exists already")
	// ErrStale says that the generation a change was based on is no longer the current one.
	ErrStale = errors.New("records: changed by someone else in the meantime")
	// ErrLastAdministrator says that the change would leave the site without an administrator.
	ErrLastAdministrator = errors.New("records: the last administrator of a site stays")
	// ErrBreakGlass says that a site with single sign-on only would be left without its break-glass
	// administrator.
	ErrBreakGlass = errors.New("records: a site with single sign-on only keeps one break-glass administrator: active, with a password, without an end date")
	// ErrNewerSchema says that the database was written by a newer program.
	ErrNewerSchema = errors.New("records: the database has a newer schema than this program knows")
)
