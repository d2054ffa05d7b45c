package zendesk

import (
	"path"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// audioSuffixes are of files whose type says nothing: whoever sent a file says what it is.
var audioSuffixes = []string{".mp3", ".wav", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".flac", ".webm", ".amr"}

func (f file) isAudio() bool {
	if strings.HasPrefix(f.mediaType, "audio/") {
		return true
	}
	return (f.mediaType == "" || f.mediaType == "application/octet-stream") &&
		slices.Contains(audioSuffixes, strings.ToLower(path.Ext(f.name)))
}

// audio gives the files that can be heard, but for the one at except, which is named already.
func (f files) audio(except string) []file {
	return slices.DeleteFunc(slices.Clone(f.list), func(one file) bool {
		return !one.isAudio() || one.id == "" || one.url == "" || one.url == except
	})
}

// lostAudio gives the state of the first audio file that cannot be had; empty: there is none. What is
// left of a redacted file does not say what it was.
func (f files) lostAudio() connectors.AttachmentState {
	for _, one := range f.list {
		if state := one.state(); state != connectors.AttachmentOK && (one.isAudio() || state == connectors.AttachmentRedacted) {
			return state
		}
	}
	return ""
}

// fileOfCall is the id, in a locator, of a recording that is a file of a comment; a comment's id alone
// means what its recording_url names.
func fileOfCall(comment, file string) string { return comment + ":" + file }

// partsOfID takes the id in a recording's locator apart.
func partsOfID(id string) (comment, file string) {
	comment, file, _ = strings.Cut(id, ":")
	return comment, file
}
