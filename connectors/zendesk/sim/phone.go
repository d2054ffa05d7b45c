package sim

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

// phoneCall is a call to be written down as a VoiceComment.
type phoneCall struct {
	agent    int64      // who answered, or made it; 0: nobody
	phone    string     // the customer's
	rec      *recording // nil: recording_url is what url says
	url      *string    // "" or null
	outbound bool
	mailbox  bool    // a voicemail
	text     bool    // with transcription_text
	lasted   float64 // seconds; 0: as long as what was recorded, pauses included
	loose    bool    // call_duration as a string, started_at in ISO 8601: both were seen
}

const acmePhone = "+44 20 7946 0100" // in the range set aside for drama

// spoken gives a scripted call as a recording of the account.
func spoken(name string) *recording {
	c := calls.Get(name)
	f := fileOf(name+".mp3", "audio/mpeg", c.MP3())
	return &recording{file: f, call: &c, seconds: c.Seconds}
}

// hour is a scripted call over and over, made as it is read.
func (d *data) hour(name string) *recording {
	c := calls.Get(name)
	l, err := calls.Repeat(c.MP3(), d.o.LongCall.Seconds())
	if err != nil {
		panic(err) // a call that is not made as tools/demo-audio.sh makes them
	}
	f := file{name: "hour.mp3", kind: "audio/mpeg", size: l.Size(), open: func() io.ReadSeeker { return io.NewSectionReader(l, 0, l.Size()) }}
	return &recording{file: f, call: &c, seconds: l.Seconds(), every: l.Every()}
}

// record lists a recording and, if it lies at the vendor's, puts it there.
func (d *data) record(rec *recording) *recording {
	d.recordings = append(d.recordings, rec)
	if strings.HasPrefix(rec.path, vendorPath) {
		d.foreign[rec.path] = rec.file
	}
	if rec.moved == HostForeign {
		d.foreign[rec.movedPath()] = rec.file
	}
	return rec
}

func recordingPath(sid string) string {
	return "/api/v2/channels/voice/calls/" + sid + "/twilio/recording"
}

// sid names a call as Twilio does; a voicemail has the name of its call.
func (th *thread) sid(n int) string {
	sum := sha256.Sum256([]byte(fmt.Sprint("call ", th.t.ID, n)))
	return fmt.Sprintf("CA%x", sum[:16])
}

// called adds a call, after a while. Its number on this ticket is n: two with one number are two
// recordings of one call.
func (th *thread) called(after time.Duration, n int, p phoneCall) *thread {
	author := p.agent
	if p.mailbox {
		author = th.t.RequesterID
	}
	v := th.voiceData(n, p)
	who, seconds := "Call from: ", p.seconds()
	if p.outbound {
		who = "Call to: "
	}
	if p.mailbox {
		who = "Voicemail from: "
	}
	body := who + p.phone + "\nLength of phone call: " + inWords(seconds)
	if v.AnsweredByName != "" {
		body += "\nAnswered by: " + v.AnsweredByName
	}
	return th.note(author, after, body).edit(func(c *comment) {
		c.Type, c.Trusted, c.Transcribed, c.Data = "VoiceComment", true, p.text, v
		c.FormattedFrom, c.FormattedTo = p.phone, acmePhone
		if p.outbound {
			c.FormattedFrom, c.FormattedTo = acmePhone, p.phone
		}
		c.Via = &via{Channel: "voice", Source: viaSource{Rel: ptr(p.rel())}}
		if th.t.Via.Channel == "voice" && th.t.Via.Source.Rel == nil { // the call that made the ticket
			th.t.Via.Source.Rel = c.Via.Source.Rel
		}
		started := c.CreatedAt.Add(-time.Duration(seconds * float64(time.Second)))
		v.StartedAt = started.Format("2006-01-02 15:04:05 UTC")
		if p.loose {
			v.StartedAt, v.CallDuration = started.Format(time.RFC3339), strconv.Itoa(int(seconds))
		}
	})
}

func (th *thread) voiceData(n int, p phoneCall) *voiceData {
	v := &voiceData{
		From: dial(p.phone), To: dial(acmePhone), RecordingURL: p.url, CallDuration: int(p.seconds()), CallID: th.t.ID*10 + int64(n),
		AnsweredByID: p.agent, TranscriptionStatus: "not_requested", Outbound: p.outbound,
	}
	if u := th.d.users[p.agent]; u != nil {
		v.AnsweredByName = u.Name
	}
	if p.outbound {
		v.From, v.To = v.To, v.From
	}
	if p.rec == nil {
		return v
	}
	p.rec.ticket = th.t.ID
	if p.rec.path == "" {
		p.rec.path = recordingPath(th.sid(n))
	}
	v.rec, v.RecordingDuration = th.d.record(p.rec), strconv.Itoa(int(math.Round(p.rec.seconds)))
	if p.text {
		v.TranscriptionText, v.TranscriptionStatus, v.VoiceTranscription = ptr(p.rec.call.Transcript()), "completed", true
	}
	return v
}

// seconds is how long the call was: longer than its recording where that was paused.
func (p phoneCall) seconds() float64 {
	switch {
	case p.lasted > 0 || p.rec == nil:
		return p.lasted
	case p.rec.call != nil && p.rec.every == 0:
		return math.Ceil(p.rec.call.Lasted())
	default:
		return math.Ceil(p.rec.seconds)
	}
}

func (p phoneCall) rel() string {
	switch {
	case p.mailbox:
		return "voicemail"
	case p.outbound:
		return "outbound"
	default:
		return "inbound"
	}
}

// partnerCall adds a TpeVoiceComment: a call of another vendor's telephone system.
func (th *thread) partnerCall(agent int64, after time.Duration, v *partnerData, files ...file) *thread {
	v.AppID, v.AppName, v.Direction, v.Title, v.ViaID = 4471, "Talkline", "inbound", "Call from: Unknown", 45
	return th.note(agent, after, "Call from: Unknown\nTo: Acme Home", files...).edit(func(c *comment) {
		c.Type, c.Data, c.FormattedFrom, c.FormattedTo = "TpeVoiceComment", v, "Unknown", "Acme Home"
		c.Via = &via{Channel: "voice", Source: viaSource{Rel: ptr("inbound")}}
	})
}

// phoned begins a ticket with a call.
func (d *data) phoned(id int64, at time.Time, requester int64, subject string) *thread {
	return d.open(id, at, requester, "voice", subject).tagged("phone")
}

func dial(phone string) string { return strings.ReplaceAll(phone, " ", "") }

func inWords(seconds float64) string {
	n := int(seconds)
	if n < 60 {
		return fmt.Sprintf("%d seconds", n)
	}
	return fmt.Sprintf("%d minutes, %d seconds", n/60, n%60)
}
