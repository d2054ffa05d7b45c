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
	TicketBigID      = 9007199254740995012
	CanaryTicket     = 5999 // only with Options.Canary
)
