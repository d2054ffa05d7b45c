// Package sim imitates a Talkdesk account: its token host, its API gateway and the storage that
// recordings, report files and attachments are redirected to, each on an origin of its own.
//
// It follows what is documented of Talkdesk and, where nothing is, what working clients have seen; every
// choice that could be otherwise is a switch (switches.go). It owns invented data, dated relative to its
// start. It has no GET /calls/{id} and no GET /interactions/{id}, since Talkdesk has none. It does not
// play what cannot be read by the API: quality management, screen recordings, the text of mail.
//
// Start reading at sim.go; api.go routes, seed.go has the data.
package sim
