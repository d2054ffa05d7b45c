package sim

// The tickets that tests and demos name.
const (
	TicketParcel     = 5012 // a plain mail thread: notes, an inline image, a file on a foreign host
	TicketAngry      = 5027
	TicketPolicy     = 5033 // Spanish
	TicketGivenAway  = 5041
	TicketLanguage   = 5048 // Portuguese, answered in another language
	TicketReopened   = 5055 // German
	TicketFrench     = 5062
	TicketJapanese   = 5070
	TicketArabic     = 5077
	TicketNewsletter = 5084 // formatted mail: tables, inline styles, inline images
	TicketIncident   = 5091 // 1,200 comments
	TicketFiles      = 5105 // 40 attachments
	TicketMerged     = 5112 // closed by merge into TicketSurvivor
	TicketSurvivor   = 5113
	TicketRedacted   = 5120
	TicketMalware    = 5127
	TicketHostile    = 5133 // script, iframe, pixel and the like
	TicketArchived   = 2210 // closed long ago, author deleted, system author, old payloads
	TicketFields     = 5147 // every type of custom field, a brand with its own host name
	TicketVoice      = 5154 // a VoiceComment, a TpeVoiceComment and a type nobody knows
	TicketKinds      = 5168 // one file of every kind, one of 5 MB, one SVG with script
	TicketOtherGroup = 5175 // not of the restricted agent's group
	TicketHuge       = 5190 // 5,000 comments
	TicketDeleted    = 5161 // answers 404

	TicketCallMoment   = 5203 // stereo MP3 streamed by the account's host, transcribed; a hold
	TicketCallWarranty = 5210 // stereo MP3, 302 to the CDN, transcribed
	TicketCallTransfer = 5217 // mono MP3, two agents, not transcribed
	TicketCallPromise  = 5224 // mono MP3, German; voicemail and recording of one call
	TicketCallPaused   = 5231 // stereo MP3, 34 s shorter than the call
	TicketCallHour     = 5238 // Options.LongCall of stereo MP3, made on the fly
	TicketCallWAV      = 5245 // stereo WAV
	TicketCallNoRange  = 5252 // 200 to every Range
	TicketCallNoLength = 5259 // … and no Content-Length
	TicketCallExpiring = 5266 // 302 to the CDN, with signatures of ShortSignature
	TicketCallForeign  = 5273 // recording_url on the telephony vendor's host
	TicketCallMoved    = 5280 // 302 to that host
	TicketCallErased   = 5287 // two calls: 404, then 410
	TicketCallOptedOut = 5294 // recording_url "", null, and missing
	TicketCallNotReady = 5301 // recording_url null until asked ReadyAfter times, or FinishRecordings
	TicketCallPartner  = 5308 // TpeVoiceComments: no URL, at the vendor, a file by token, a file on the comment

	TicketBigID  = 9007199254740995012
	CanaryTicket = 5999 // only with Options.Canary
)
