package zendesk

import (
	"slices"
	"strconv"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

// What a locator of this connector names.
const (
	whatAttachment = "attachment"
	whatRecording  = "recording"
)

// redactedName is the empty file that stands for a redacted one.
const redactedName = "redacted.txt"

// file is an attachment as Zendesk describes it. Older tickets lack inline, deleted and all about
// malware.
type file struct {
	id, name, mediaType, url, scan string
	mapped                         string // the same file under a brand's own host name; never asked
	size                           int64
	sized, inline, deleted         bool
	override                       bool // somebody allowed a file with malware
	thumbnails                     []string
}

// files are those of one comment.
type files struct {
	list []file
	more bool
}

func decodeFiles(d *lenient.Decoder) files {
	var f files
	kept := 0
	d.Array(func() {
		one := decodeFile(d)
		kept += len(one.name) + len(one.url) + len(one.mapped) + len(one.mediaType)
		switch {
		case one.id == "" && one.url == "" && one.name == "":
		case len(f.list) >= lenient.MaxList || kept > lenient.MaxLists:
			f.more = true
		default:
			f.list = append(f.list, one)
		}
	})
	return f
}

func decodeFile(d *lenient.Decoder) file {
	var f file
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			f.id = d.ID()
		case "file_name":
			f.name = d.Word()
		case "content_type":
			f.mediaType = d.MediaType()
		case "content_url":
			f.url = d.Word()
		case "mapped_content_url":
			f.mapped = d.Word()
		case "size":
			f.sized = d.Kind() != 'n'
			f.size = d.Integer()
		case "inline":
			f.inline = d.Boolean(false)
		case "deleted":
			f.deleted = d.Boolean(false)
		case "malware_scan_result":
			f.scan = d.Word()
		case "malware_access_override":
			f.override = d.Boolean(false)
		case "thumbnails":
			f.thumbnails = decodeThumbnails(d)
		default:
			d.Skip()
		}
	})
	return f
}

func decodeThumbnails(d *lenient.Decoder) []string {
	var out []string
	d.Array(func() {
		d.Object(func(key []byte) {
			if string(key) != "id" {
				d.Skip()
			} else if id := d.ID(); id != "" && len(out) < lenient.MaxList {
				out = append(out, id)
			}
		})
	})
	return out
}

// parts gives each file once: thumbnails are smaller copies that some payloads list beside their
// originals.
func (f files) parts(ref records.Ref, comment string) []connectors.Attachment {
	var out []connectors.Attachment
	seen := map[string]bool{}
	for i, one := range f.list {
		if one.id != "" && (seen[one.id] || f.thumbnail(one.id)) {
			continue
		}
		seen[one.id] = true
		id := one.id
		if id == "" {
			id = comment + ":" + strconv.Itoa(i+1)
		}
		out = append(out, one.part(ref, id))
	}
	return out
}

// thumbnail tells whether id is a thumbnail of another file of the list.
func (f files) thumbnail(id string) bool {
	return slices.ContainsFunc(f.list, func(other file) bool {
		return other.id != id && slices.Contains(other.thumbnails, id) && !slices.Contains(f.thumbnailsOf(id), other.id)
	})
}

func (f files) thumbnailsOf(id string) []string {
	for _, one := range f.list {
		if one.id == id {
			return one.thumbnails
		}
	}
	return nil
}

func (f file) part(ref records.Ref, id string) connectors.Attachment {
	a := connectors.Attachment{
		ID:        id,
		Name:      connectors.NewText(f.name),
		MediaType: f.mediaType,
		Size:      max(f.size, 0),
		Inline:    f.inline,
		State:     f.state(),
		Scan:      scan(f.scan),
	}
	if a.State == connectors.AttachmentOK {
		a.At = connectors.Locator{What: whatAttachment, Ref: ref, ID: id, URL: f.url}
	}
	return a
}

func (f file) state() connectors.AttachmentState {
	switch {
	case f.deleted || (f.url == "" && f.id == ""):
		return connectors.AttachmentDeleted
	case f.name == redactedName && f.sized && f.size <= 1:
		return connectors.AttachmentRedacted
	case f.scan == "malware_found" && !f.override:
		return connectors.AttachmentBlocked
	default:
		return connectors.AttachmentOK
	}
}

func scan(s string) connectors.Scan {
	switch s {
	case "malware_found":
		return connectors.ScanInfected
	case "malware_not_found":
		return connectors.ScanClean
	case "failed_to_scan":
		return connectors.ScanFailed
	case "not_scanned":
		return connectors.ScanNone
	default:
		return ""
	}
}
