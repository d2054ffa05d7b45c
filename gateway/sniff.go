package gateway

import (
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// sniffLen is how much of a file tells what it is (http.DetectContentType reads no more).
const sniffLen = 512

// mediaKind is what we say a file is, which is what its bytes say, not what was claimed for it.
type mediaKind struct {
	contentType string
	inline      bool
	nonsense    bool // text where a recording was to be
}

// shown are the types that a browser may show in place: they cannot run script. SVG, HTML and XML
// are not among them.
var shown = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/bmp": true, "application/pdf": true,
	"audio/mpeg": true, "audio/wave": true, "audio/wav": true, "audio/x-wav": true, "audio/ogg": true, "audio/mp4": true,
	"audio/webm": true, "audio/aac": true, "audio/flac": true, "audio/aiff": true, "audio/basic": true, "audio/x-m4a": true,
	"video/mp4": true, "video/webm": true,
}

// sniff looks at the first bytes.
func sniff(b []byte, what, claimed string) mediaKind {
	claimed = baseType(claimed)
	found := baseType(http.DetectContentType(b))
	audio := strings.HasPrefix(claimed, "audio/") && shown[claimed]
	switch {
	case what == "recording" && strings.HasPrefix(found, "text/"):
		return mediaKind{nonsense: true}
	case what == "recording" && looksJSON(b):
		return mediaKind{nonsense: true}
	case isMPEG(b):
		return mediaKind{contentType: "audio/mpeg", inline: true}
	case isFLAC(b):
		return mediaKind{contentType: "audio/flac", inline: true}
	case found == "application/ogg":
		return mediaKind{contentType: "audio/ogg", inline: true}
	case audio && (found == "application/octet-stream" || found == "video/mp4" || found == "video/webm"):
		return mediaKind{contentType: claimed, inline: true} // containers and bare codecs that sniffing cannot tell
	case shown[found]:
		return mediaKind{contentType: found, inline: true}
	case found == "text/plain" && claimed == "text/plain":
		return mediaKind{contentType: "text/plain; charset=utf-8"}
	default:
		return mediaKind{contentType: "application/octet-stream"}
	}
}

// claimedKind is for a stretch that does not begin at the file's first byte: there is nothing to
// look at, and what cannot run script may keep its name.
func claimedKind(claimed string) mediaKind {
	if t := baseType(claimed); shown[t] {
		return mediaKind{contentType: t, inline: true}
	}
	return mediaKind{contentType: "application/octet-stream"}
}

func baseType(s string) string {
	if strings.Count(s, "/") == 1 && strings.IndexFunc(s, notTypeRune) < 0 {
		return s // as nearly all come; what is left to the parser is upper case, parameters and nonsense
	}
	t, _, err := mime.ParseMediaType(s)
	if err != nil {
		return ""
	}
	return t
}

func notTypeRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '/' && r != '-' && r != '.' && r != '+'
}

// isMPEG knows a frame header without an ID3 tag in front, which net/http does not: sync, a version,
// a layer and a bit rate that exist.
func isMPEG(b []byte) bool {
	return len(b) > 3 && b[0] == 0xff && b[1]&0xe0 == 0xe0 && b[1]&0x18 != 0x08 && b[1]&0x06 != 0 && b[2]&0xf0 != 0xf0 && b[2]&0x0c != 0x0c
}

func isFLAC(b []byte) bool { return strings.HasPrefix(string(b[:min(len(b), 4)]), "fLaC") }

func looksJSON(b []byte) bool {
	s := strings.TrimSpace(string(b[:min(len(b), 64)]))
	return strings.HasPrefix(s, "{\"") || strings.HasPrefix(s, "[{")
}

// mediaHeaders sets what every answer with bytes has.
func (s *Server) mediaHeaders(h http.Header, of handle, k mediaKind) {
	h.Set("Content-Type", k.contentType)
	h.Set("Content-Disposition", disposition(of.Name, of.Locator, k.inline))
	everyMedia.set(h)
}

var everyMedia = fixed{
	{"Content-Security-Policy", []string{mediaCSP}},
	{"Cache-Control", []string{"no-store, no-transform"}},
	{"X-Accel-Buffering", []string{"no"}},
}

// disposition names the file (RFC 6266): an ASCII form that needs no quoting, and the whole name in
// UTF-8 (RFC 5987).
func disposition(name string, at connectors.Locator, inline bool) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	name = safeName(name)
	if name == "" {
		name = at.What
	}
	if name == "" {
		name = "file"
	}
	if strings.IndexFunc(name, notPlainRune) < 0 {
		return kind + `; filename="` + name + `"; filename*=UTF-8''` + name
	}
	ascii := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || strings.ContainsRune(`"\%;`, r) {
			return '_'
		}
		return r
	}, name)
	return kind + `; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// notPlainRune: what has to be quoted, encoded or replaced somewhere; a plain name is the same in both forms.
func notPlainRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// safeName is the last path segment without control characters and without those that turn the
// direction of writing (a "gpj.exe" that reads "exe.jpg").
func safeName(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	s = strings.TrimLeft(strings.TrimSpace(s), ".")
	if s == "/" {
		return ""
	}
	return cutText(s, 180)
}
