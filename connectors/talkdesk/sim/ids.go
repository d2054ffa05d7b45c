package sim

import (
	"strings"

	"github.com/sightglass-gateway/sightglass/records"
)

// Interactions of the account. Call ids are 32 hex digits; the Conversations API writes the same with
// dashes.
const (
	CallTransfer    = "5b1d0c7e9a2f4c38b6e07d11f3a94c20" // two agents, three recordings, one of them a consultation
	CallVoicemail   = "0e6a4d1f7c5b4b0e9a3d21c8f4b6a710" // one recording, left on the voicemail, mono
	CallMissed      = "7f21b3a94c5d4e0fa1b2c3d4e5f60718" // outbound, nobody answered, no recording
	CallAudioPurged = "c3d9f1e27a6b4b5c8d0e1f2a3b4c5d6e" // the audio is gone, the transcript is not
	CallTextPurged  = "19aa4e6b2f3c4d7e8f90a1b2c3d4e5f6" // the reverse
	CallMono        = "4d5e6f708192a3b4c5d6e7f8091a2b3c" // one channel, agents absent, a transcript without recording ids
	CallForeign     = "8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d" // its recording lies in the customer's own store
	CallManyParts   = "2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e" // 53 recordings: more than a page
	ChatHandoff     = "a97f4d0b3c1e4a2f8f6d5e4c3b2a1908" // a virtual agent hands over to a person
	ChatSMS         = "b18e5c1a4d2f4b3a9e7c6d5f4a3b2c19" // messages without times
	ChatLong        = "d4c3b2a1908f7e6d5c4b3a2918070605" // 620 messages
	ChatSocial      = "e5d4c3b2a190807f6e5d4c3b2a190807" // WhatsApp: in no API but the report
	MailBooking     = "f6e5d4c3b2a1908f7e6d5c4b3a291807" // in the report only
	CallCanary      = "ca9a41ca9a41ca9a41ca9a41ca9a41ca" // with Options.Canary: content in every field
	CallUnknown     = "00000000000000000000000000000bad" // is not there

	// AttachmentPhoto belongs to ChatHandoff; AttachmentLost is gone.
	AttachmentPhoto = "6e0f5f0c-3f0e-4d7e-9f1a-0c2d4e6f8a10"
	AttachmentLost  = "6e0f5f0c-3f0e-4d7e-9f1a-0c2d4e6f8a11"
)

// CallRef, ChatRef and MailRef name interactions, without a link.
func CallRef(id string) records.Ref { return records.Ref{Kind: records.KindCall, ID: id} }

// ChatRef names a chat.
func ChatRef(id string) records.Ref { return records.Ref{Kind: records.KindChat, ID: id} }

// MailRef names a mail.
func MailRef(id string) records.Ref { return records.Ref{Kind: records.KindEmail, ID: id} }

// dashed writes 32 hex digits as a UUID, as the Conversations API does.
func dashed(id string) string {
	if len(id) != 32 {
		return id
	}
	return strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")
}
