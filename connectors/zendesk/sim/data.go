package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"
)

// data is the account's content. It does not change after seed, but for threads that complete
// themselves on first use.
type data struct {
	o             Options
	users         map[int64]*user
	groups        []group
	brands        []brand
	organizations []organization
	fields        []ticketField
	tickets       map[int64]*ticket
	order         []int64
	samples       []sample
	foreign       map[string]file
	recordings    []*recording
	nextFile      int64
	files         []placedFile
}

type sample struct {
	ticket     int64
	title, why string
}

// placedFile says which ticket an attachment belongs to.
type placedFile struct {
	a *attachment
	t *ticket
}

// file is something to attach. The bytes are made when they are asked for.
type file struct {
	name, kind string
	size       int64
	open       func() io.ReadSeeker
	inline     bool
	w, h       int    // of an image
	foreign    string // its path on the foreign host, when it is kept there
	scan       string // malware_scan_result; default malware_not_found
	override   bool
	deleted    bool
	old        bool // an older payload, without inline, deleted and malware fields
	thumb      bool // has a thumbnail
	whole      wholeness
}

// wholeness of a file: a server that answers 200 to a Range request, with or without a length.
type wholeness string

const (
	withLength    wholeness = "with length"
	withoutLength wholeness = "without length"
)

func (f file) as(name string) file     { f.name = name; return f }
func (f file) typed(kind string) file  { f.kind = kind; return f }
func (f file) scanned(as string) file  { f.scan = as; return f }
func (f file) at(path string) file     { f.foreign = path; return f }
func (f file) with(c func(*file)) file { c(&f); return f }
func fileOf(name, kind string, b []byte) file {
	return file{name: name, kind: kind, size: int64(len(b)), open: func() io.ReadSeeker { return bytes.NewReader(b) }}
}

// attach gives a file an id and a token and lists it.
func (d *data) attach(t *ticket, f file) attachment {
	d.nextFile += 3
	a := d.describe(t, f, d.nextFile)
	if f.thumb {
		thumb := f
		thumb.name, thumb.thumb, thumb.inline = strings.TrimSuffix(f.name, ".png")+"_thumb.png", false, false
		a.Thumbnails = append(a.Thumbnails, d.describe(t, thumb, d.nextFile+1))
	}
	if f.foreign != "" {
		d.foreign[f.foreign] = f
	}
	return a
}

func (d *data) describe(t *ticket, f file, id int64) attachment {
	sum := sha256.Sum256([]byte(fmt.Sprint(f.name, id)))
	token := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
	path := "/attachments/token/" + token + "/?name=" + escapeName(f.name)
	a := attachment{
		ID: id, URL: d.canonical("/api/v2/attachments/%d.json", id), FileName: f.name, ContentURL: d.canonical("%s", path),
		MappedURL: d.mapped(t.BrandID, path), ContentType: f.kind, Size: f.size, Thumbnails: []attachment{}, token: token, file: f,
	}
	if f.w > 0 {
		a.Width, a.Height = ptr(f.w), ptr(f.h)
	}
	if !f.old {
		if f.scan == "" {
			f.scan = "malware_not_found"
		}
		a.Inline, a.Deleted, a.MalwareOK, a.MalwareResult = ptr(f.inline), ptr(f.deleted), ptr(f.override), ptr(f.scan)
	}
	d.files = append(d.files, placedFile{&a, t})
	return a
}

// attachment finds a file by what is says, thumbnails included.
func (d *data) attachment(is func(*attachment) bool) (*attachment, *ticket) {
	for _, f := range d.files {
		if is(f.a) {
			return f.a, f.t
		}
	}
	return nil, nil
}

func (d *data) canonical(format string, a ...any) string {
	return "https://" + d.o.Subdomain + ".zendesk.com" + fmt.Sprintf(format, a...)
}

// mapped is a URL below the brand's own host name.
func (d *data) mapped(brandID int64, path string) string {
	for _, b := range d.brands {
		if b.ID == brandID && b.HostMapping != nil {
			return "https://" + *b.HostMapping + path
		}
	}
	return d.canonical("%s", path)
}

// ago is a moment before the simulator's start.
func (d *data) ago(days int, clock string) time.Time {
	at, err := time.Parse("15:04:05", clock)
	if err != nil {
		panic(err) // a mistake in a seed file
	}
	day := d.o.Start.AddDate(0, 0, -days).Truncate(24 * time.Hour)
	return day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second)
}

// day writes a date before the start, for texts that name one.
func (d *data) day(ago int, layout string) string {
	return d.o.Start.AddDate(0, 0, -ago).Format(layout)
}
