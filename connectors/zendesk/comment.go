package zendesk

import (
	"bytes"
	"context"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// Types of comment that Zendesk is known to give.
const (
	typeComment  = "Comment"
	typeVoice    = "VoiceComment"
	typeTPEVoice = "TpeVoiceComment" // of a partner's telephony
)

// redactionMark is what Zendesk puts in the place of redacted text.
const redactionMark = "▇"

// comment is one comment as it came.
type comment struct {
	id, kind, author, authorName string
	public                       bool
	at                           time.Time
	text                         []byte // body: used only where there is no plain_body; see aside
	plain, html                  string
	via                          via
	warnings                     []connectors.Warning
	files                        files
	call                         voice
	cut                          bool
}

// readComments walks the conversation, oldest first. A comment is handed on when its object is
// complete, before its page is.
func (o *opening) readComments(ctx context.Context) error {
	err := o.c.walk(ctx, o.commentPages())
	if connectors.CodeOf(err) == connectors.CodeProviderCut {
		o.nameShown(ctx)
	}
	return err
}

func (o *opening) commentPages() pages {
	index := 0
	return pages{
		at:   call{op: "ticket.comments"},
		path: o.path("/comments"),
		query: url.Values{
			"include":               {"users"},
			"include_inline_images": {"true"},
			"sort":                  {"created_at"},
		},
		list: "comments",
		item: func(d *lenient.Decoder) bool {
			c := decodeComment(d)
			if d.Err != nil {
				return false
			}
			index++
			if c.id == "" {
				c.id = "n" + strconv.Itoa(index)
			}
			if !o.comments.add(c.id) {
				return false
			}
			o.putComment(d, c)
			return true
		},
		other: func(d *lenient.Decoder, key []byte) bool {
			if string(key) != "users" {
				return false
			}
			o.readPeople(d)
			return true
		},
		more: func() { o.ticket.more = true },
	}
}

func decodeComment(d *lenient.Decoder) comment {
	c := comment{public: true}
	d.Cut = false
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			c.id = d.ID()
		case "type":
			c.kind = d.Label()
		case "author_id":
			c.author = d.Author()
		case "author":
			c.authorName = decodePerson(d).name
		case "public":
			c.public = d.Boolean(true)
		case "created_at":
			c.at = d.Time()
		case "body":
			c.text = d.Aside()
		case "plain_body":
			c.plain = d.Body()
		case "html_body":
			c.html = d.Body()
		case "via":
			c.via = decodeVia(d)
		case "metadata":
			c.warnings = decodeWarnings(d)
		case "attachments":
			c.files = decodeFiles(d)
		case "data":
			c.call.decode(d)
		case "transcription_visible":
			c.call.hidden = !d.Boolean(true)
		default:
			d.Skip()
		}
	})
	c.cut = d.Cut || c.files.more || providerCut(len(c.text)) || providerCut(len(c.html))
	return c
}

// providerCut tells whether a body has the very length at which Zendesk cuts ("64 kB").
func providerCut(n int) bool { return n == 1<<16 || n == 1<<16-1 }

// putComment hands on the message, and what a call has besides.
func (o *opening) putComment(d *lenient.Decoder, c comment) {
	if into := o.mergedInto(c.via); into != "" {
		h := o.later()
		h.State, h.MergedInto = connectors.StateMerged, into
		o.put(d, h)
	}
	o.put(d, o.message(c))
	o.noteAuthor(c)
	if c.kind == typeVoice || c.kind == typeTPEVoice {
		o.putCall(d, c)
	}
}

func (o *opening) message(c comment) *connectors.Message {
	m := &connectors.Message{
		ID:          c.id,
		At:          c.at,
		Author:      o.author(c),
		Visibility:  connectors.VisibilityPublic,
		Text:        connectors.NewText(plainText(c)),
		HTML:        connectors.NewText(c.files.canonical(c.html)),
		Attachments: c.files.parts(o.ref, c.id),
		Redacted:    c.redacted(),
		Truncated:   c.cut,
		Warnings:    c.warnings,
		Via:         c.via.channel,
	}
	if !c.public {
		m.Visibility = connectors.VisibilityInternal
	}
	switch c.kind {
	case "", typeComment, typeVoice, typeTPEVoice:
	default:
		m.Native = c.kind
	}
	return m
}

func (c comment) redacted() bool {
	return bytes.Contains(c.text, []byte(redactionMark)) || strings.Contains(c.plain, redactionMark) || strings.Contains(c.html, redactionMark)
}

func (o *opening) author(c comment) *connectors.Who {
	w := o.who(c.author, c.via.channel)
	if c.authorName != "" {
		w.Name = connectors.NewText(c.authorName)
	}
	return w
}

// plainText takes plain_body, else body, which may hold Markdown. plain_body has been seen with lines
// padded by "&nbsp;", which are blanks that were forgotten.
func plainText(c comment) string {
	s := c.plain
	if s == "" {
		return string(c.text)
	}
	if !strings.Contains(s, "&nbsp;") {
		return s
	}
	lines := strings.Split(strings.ReplaceAll(s, "&nbsp;", " "), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// decodeWarnings reads Zendesk's doubts. They are numbers; the text beside them is for agents.
// metadata also holds the author's address and place, which are not read.
func decodeWarnings(d *lenient.Decoder) []connectors.Warning {
	var out []connectors.Warning
	d.Object(func(key []byte) {
		if string(key) != "flags" {
			d.Skip()
			return
		}
		for _, flag := range d.Words() {
			if w := warning(flag); w != "" {
				out = append(out, w)
			}
		}
	})
	return out
}

func warning(flag string) connectors.Warning {
	switch flag {
	case "2":
		return connectors.WarningNotParticipant
	case "4":
		return connectors.WarningAutoGenerated
	case "11":
		return connectors.WarningOnBehalf
	case "14":
		return connectors.WarningMaybeSpoofed
	default:
		return ""
	}
}

// ids remembers which ids have been seen, in a few bytes each.
type ids map[uint64]struct{}

// add tells whether id is new. Ids of Zendesk are 64-bit numbers; should one be anything else, its
// hash stands for it.
func (s ids) add(id string) bool {
	n := idNumber(id)
	_, ok := s[n]
	s[n] = struct{}{}
	return !ok
}

func (s ids) has(id string) bool {
	_, ok := s[idNumber(id)]
	return ok
}

func idNumber(id string) uint64 {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		h := fnv.New64a()
		_, _ = h.Write([]byte(id))
		n = h.Sum64()
	}
	return n
}
