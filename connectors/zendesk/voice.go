package zendesk

import (
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// recordingDelay is how long after a call its recording may still be on its way. Zendesk documents no
// figure.
const recordingDelay = time.Hour

// voice is what a comment of a call says about the call. Every key may be missing or null.
type voice struct {
	callID, recordingURL, transcript string
	seconds                          float64
	started                          time.Time
	outbound, hidden                 bool
}

func (v *voice) decode(d *decoder) {
	d.object(func(key []byte) {
		switch string(key) {
		case "call_id":
			v.callID = d.id()
		case "recording_url":
			v.recordingURL = d.word()
		case "recording_duration":
			v.seconds = d.seconds()
		case "started_at":
			v.started = d.time()
		case "outbound":
			v.outbound = d.boolean(false)
		case "direction":
			v.outbound = v.outbound || d.word() == "outbound"
		case "transcription_text":
			v.transcript = d.body()
		default:
			d.skip()
		}
	})
}

// putCall hands on a call's recording, or why there is none, and its transcript.
func (o *opening) putCall(d *decoder, c comment) {
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
	if c.call.recordingURL == "" {
		o.put(d, o.noRecording(c))
	} else {
		o.put(d, o.recording(c, id))
	}
	o.putTranscript(d, c, id)
}

func (o *opening) recording(c comment, id string) *connectors.Recording {
	return &connectors.Recording{
		ID:           id,
		// In its comment's place: started_at is earlier, and may be earlier than what was written
		// while the call lasted.
		At:           firstTime(c.at, c.call.started),
		Seconds:      connectors.Seconds(c.call.seconds),
		Voicemail:    c.via.rel == "voicemail",
		Completeness: "unknown", // holds and pauses are not recorded, and nothing says where
		Locator:      connectors.Locator{What: whatRecording, Ref: o.ref, ID: c.id, URL: c.call.recordingURL},
	}
}

// noRecording says why: Zendesk itself does not tell an opted-out caller from a deleted recording.
func (o *opening) noRecording(c comment) *connectors.Missing {
	m := &connectors.Missing{What: "recording", Reason: connectors.MissingNotFound,
		Say: "Zendesk lists no recording of this call: it was not recorded, or the recording has been deleted."}
	switch {
	case c.kind == typeTPEVoice:
		m.Say = "The telephony partner of this call gave Zendesk no recording."
	case !c.at.IsZero() && o.c.now().Sub(c.at) < recordingDelay:
		m.Reason = connectors.MissingNotReady
		m.Say = "Zendesk has no recording of this call yet; it may follow within the hour."
	}
	return m
}

// putTranscript hands the text on as one utterance: Zendesk gives neither times nor speakers.
func (o *opening) putTranscript(d *decoder, c comment, recording string) {
	switch {
	case c.call.transcript == "":
	case c.call.hidden:
		o.put(d, &connectors.Missing{What: "transcript", Reason: connectors.MissingBlocked,
			Say: "The transcript of this call is hidden in Zendesk."})
	default:
		o.put(d, &connectors.Transcript{Recording: recording, Text: connectors.NewText(c.call.transcript)})
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
