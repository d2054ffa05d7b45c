package zendesk

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// recordingDelay is how long after a call its recording may still be on its way. Zendesk documents no
// figure.
const recordingDelay = time.Hour

// minGap is the least difference between a call and its recording that is told: both are given in
// whole seconds, rounded either way.
const minGap = 2

// voice is what a comment of a call says about the call. Every key may be missing or null.
type voice struct {
	callID, recordingURL, transcript string
	status                           string  // of the transcript
	seconds, lasted                  float64 // of the recording, of the call; 0: not known
	started                          time.Time
	outbound, hidden                 bool
}

func (v *voice) decode(d *lenient.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "call_id":
			v.callID = d.ID()
		case "recording_url":
			v.recordingURL = strings.TrimSpace(d.Word())
		case "recording_duration":
			v.seconds = d.Seconds()
		case "call_duration":
			v.lasted = d.Seconds()
		case "started_at":
			v.started = d.Time()
		case "outbound":
			v.outbound = d.Boolean(false)
		case "direction":
			v.outbound = v.outbound || d.Word() == "outbound"
		case "transcription_text":
			v.transcript = d.Body()
		case "transcription_status":
			v.status = d.Label()
		default:
			d.Skip()
		}
	})
}

// gap is how many seconds of the call are not in its recording, as far as both are known.
func (v *voice) gap() float64 {
	if v.seconds <= 0 || v.lasted-v.seconds < minGap {
		return 0
	}
	return v.lasted - v.seconds
}

// putCall hands on a call's recordings, or why there is none, and its transcript.
func (o *opening) putCall(d *lenient.Decoder, c comment) {
	if o.ticket.channel != channelVoice {
		o.ticket.channel = channelVoice
		h := o.later()
		h.Channel, h.Direction = channelVoice, callDirection(c)
		o.put(d, h)
	}
	id := c.call.callID
	if id == "" || !o.calls.add(id) { // a call may have a voicemail besides its recording
		id = c.id
	}
	heard := o.recordings(c, id)
	for _, r := range heard {
		o.put(d, r)
	}
	switch gap := c.call.gap(); {
	case len(heard) == 0:
		o.put(d, o.noRecording(c, id))
	case gap > 0 && c.call.recordingURL != "":
		o.put(d, &connectors.Missing{What: "recording of the whole call", Reason: connectors.MissingNotOffered, Say: sayGap(gap), Of: id})
	}
	o.putTranscript(d, c, id)
}

// recordings gives what recording_url names, then the audio files of the comment: a telephony partner
// may attach its recording (Talk Partner Edition, "Storing a call recording"). The first has the
// call's own id.
func (o *opening) recordings(c comment, id string) []*connectors.Recording {
	var out []*connectors.Recording
	if c.call.recordingURL != "" {
		out = append(out, o.recording(c, id, connectors.Locator{What: whatRecording, Ref: o.ref, ID: c.id, URL: c.call.recordingURL}))
		out[0].Seconds, out[0].Completeness = connectors.Seconds(c.call.seconds), c.call.completeness()
	}
	for _, f := range c.files.audio(c.call.recordingURL) {
		if f.state() != connectors.AttachmentOK {
			continue
		}
		r := o.recording(c, id, connectors.Locator{What: whatRecording, Ref: o.ref, ID: fileOfCall(c.id, f.id), URL: f.url})
		if strings.HasPrefix(f.mediaType, "audio/") {
			r.MediaType = f.mediaType
		}
		if len(out) > 0 {
			r.ID = r.Locator.ID
		}
		out = append(out, r)
	}
	return out
}

func (o *opening) recording(c comment, id string, at connectors.Locator) *connectors.Recording {
	return &connectors.Recording{
		ID: id,
		// In its comment's place: started_at is earlier, and may be earlier than what was written
		// while the call lasted.
		At:           firstTime(c.at, c.call.started),
		Voicemail:    c.via.rel == "voicemail",
		Completeness: "unknown",
		Locator:      at,
	}
}

// completeness of what recording_url names: known when it is as long as the call. Holds, consultations
// and pauses are not recorded (support.zendesk.com, article 4408831738266), and nothing says where
// they were.
func (v *voice) completeness() string {
	if v.seconds > 0 && v.lasted > 0 && v.gap() == 0 {
		return "known"
	}
	return "unknown"
}

func sayGap(seconds float64) string {
	return fmt.Sprintf("The recording is about %d s shorter than the call. Zendesk does not record holds, consultations and pauses, and does not say where they were.", int(math.Round(seconds)))
}

// noRecording says why, as far as Zendesk tells: it does not tell an opted-out caller from a line that
// does not record.
func (o *opening) noRecording(c comment, id string) *connectors.Missing {
	m := &connectors.Missing{What: "recording", Reason: connectors.MissingNotFound, Of: id,
		Say: "Zendesk lists no recording of this call: the caller opted out, the line does not record, or the recording has been deleted."}
	switch state := c.files.lostAudio(); {
	case state == connectors.AttachmentBlocked:
		m.Reason, m.Say = connectors.MissingBlocked, "The recording of this call is a file in which Zendesk found malware."
	case state == connectors.AttachmentRedacted:
		m.Reason, m.Say = connectors.MissingRedacted, "The file with the recording of this call was redacted in Zendesk."
	case state == connectors.AttachmentDeleted:
		m.Reason, m.Say = connectors.MissingDeleted, "The file with the recording of this call was deleted in Zendesk."
	case o.c.recent(c.at):
		m.Reason, m.Say = connectors.MissingNotReady, "Zendesk has no recording of this call yet; if one was made, it may follow within the hour."
	case c.kind == typeTPEVoice:
		m.Say = "The telephony partner of this call gave Zendesk no recording."
	case c.call.seconds > 0: // it had a length once
		m.Reason, m.Say = connectors.MissingDeleted, "This call was recorded, but Zendesk does not list the recording any more: somebody deleted it, or the line's own rule did."
	}
	return m
}

// recent tells whether the recording of a call written down at that time may still be on its way.
func (c *connector) recent(at time.Time) bool {
	return !at.IsZero() && c.now().Sub(at) < recordingDelay
}

// putTranscript hands the text on as one utterance: Zendesk gives neither times nor speakers.
func (o *opening) putTranscript(d *lenient.Decoder, c comment, recording string) {
	switch {
	case c.call.transcript == "":
		if m := noTranscript(c.call.status); m != nil {
			m.Of = recording
			o.put(d, m)
		}
	case c.call.hidden:
		o.put(d, &connectors.Missing{What: "transcript", Reason: connectors.MissingBlocked, Of: recording,
			Say: "The transcript of this call is hidden in Zendesk."})
	default:
		o.put(d, &connectors.Transcript{Recording: recording, Text: connectors.NewText(c.call.transcript)})
	}
}

// noTranscript says why there is none where one was asked for. Of the statuses only "completed" is
// documented; the others are what such fields usually say.
func noTranscript(status string) *connectors.Missing {
	switch status {
	case "pending", "queued", "processing", "in_progress":
		return &connectors.Missing{What: "transcript", Reason: connectors.MissingNotReady, Say: "Zendesk is still writing the transcript of this call."}
	case "failed", "error":
		return &connectors.Missing{What: "transcript", Reason: connectors.MissingNotFound, Say: "Zendesk could not write a transcript of this call."}
	default:
		return nil
	}
}

func callDirection(c comment) string {
	if s := direction(c.via.rel); s != "" {
		return s
	}
	if c.call.outbound {
		return "outbound"
	}
	return "inbound"
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
