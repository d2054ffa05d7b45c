package sim

import "fmt"

// seedFiles: a claim with forty attachments.
func seedFiles(d *data) {
	rooms := []string{"HALL", "KITCHEN", "BATH", "BEDROOM 1", "BEDROOM 2", "LIVING ROOM", "CELLAR", "STAIRS"}
	photo := func(n int) file {
		return roomPhoto(n, rooms[n%len(rooms)]).with(func(f *file) { f.thumb = n <= 4 })
	}
	photos := func(from, to int) (list []file) {
		for n := from; n <= to; n++ {
			list = append(list, photo(n))
		}
		return list
	}
	th := d.open(TicketFiles, d.ago(10, "18:20:00"), ravi, "email", "Burst hose on washing machine WM-7: damage in eight rooms")
	th.tagged("damage_claim", "insurance").field(fieldOrder, "A-15530").field(fieldReason, "damaged").field(fieldAmount, "6840.00")
	th.t.Priority = ptr("high")
	th.say(ravi, 0, "Hello,\n\nthe inlet hose of our new WM-7 burst on Saturday night, four weeks after your fitter installed it. Water ran for about six hours. I have photographed every room as your hotline asked; there are too many pictures for one mail, so this is part one.\n\nRavi Nair", photos(1, 18)...).
		say(ravi, 6*mins, "Part two, the upstairs rooms and the cellar.", photos(19, 34)...).
		say(ravi, 4*mins, "And the papers: fitter's report, purchase invoice, the plumber's bill, a list of what is ruined.",
			pdf("fitting-report.pdf", "Acme Home, fitting report", "Machine WM-7, serial 7A-330912", "Hose: supplied by customer [ ]   supplied by Acme [x]", "Pressure test: 6 bar, 10 min, tight", "Signed: fitter 214"),
			pdf("invoice-A-15530.pdf", "Acme Home", "Invoice A-15530", "1 washing machine WM-7     749.00", "1 fitting, hose included    89.00", "Total                      838.00"),
			pdf("plumber.pdf", "Fernhollow Plumbing", "Call-out Saturday night, 2.5 h    310.00"),
			csv("inventory.csv", "room,item,bought,price", "hall,rug,2019,380.00", "kitchen,plinth and cabinet,2021,1450.00", "bath,vanity unit,2021,620.00", "living room,oak floor 18 m2,2018,2790.00", "bedroom 1,mattress,2022,690.00", "cellar,freezer,2017,600.00")).
		assign(ines, 45*mins, groupReturns, ines).
		note(ines, 30*mins, "37 photos and papers so far, all readable. Fitting report says the hose was OURS, pressure test passed. That makes it product liability, not his insurance. Insurer informed, ref CL-7719.").
		say(ines, 12*mins, "Dear Mr Nair,\n\nI have looked at everything. I am sorry about your home. The hose was supplied and fitted by us, so please do not pay an excess to your own insurer: this is ours. Our claims number is CL-7719.\n\nCould you send me a picture of the hose itself, with the number printed on it?").
		say(ravi, 50*mins, "Here it is, with a coin for scale. The number is 4412-B.", photo(35)).
		note(anneke, 20*mins, "4412-B is on the recall list of last May!! Fitter 214 still had old stock. Telling Safety now.", text("recall-list-excerpt.txt", "hose   batch    status\n4410-A all      ok\n4412-B <= 0522  RECALLED (ageing of inner lining)\n4412-C all      ok\n")).
		say(ines, 15*mins, "Dear Mr Nair,\n\nthank you. That hose was on a recall list and should never have left the van. We accept the claim in full: £6,840.00, of which £3,000.00 is paid today so that you can get dryers and a floor. Somebody from Safety will call everybody else whom that fitter visited.").
		status(ines, 2*days, "pending").
		sampled("A claim with forty files", "Forty attachments over six messages: who was the first to look at the number on the hose?")
}

// seedMalware: files in every state a scan can leave them in.
func seedMalware(d *data) {
	d.open(TicketMalware, d.ago(3, "14:44:08"), sam, "email", "Your supplier portal sent me this \"invoice\"").
		tagged("security").
		say(sam, 0, "Hi, this came with your logo on it, four files. My virus scanner screamed at the first. Is it from you? Forwarding everything as it arrived.\n\nSam Whitlock, Whitlock Joinery",
			fileOf("invoice_2026_final.pdf.exe", "application/x-msdownload", []byte("MZ harmless stand-in for a harmful file\n")).scanned("malware_found"),
			fileOf("delivery-note.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", []byte("PK harmless stand-in for a workbook with macros\n")).scanned("malware_found").with(func(f *file) { f.override = true }),
			fileOf("archive.zip", "application/zip", []byte("PK harmless stand-in for an encrypted archive\n")).scanned("failed_to_scan"),
			text("readme.txt", "Please open the invoice first. Disable your antivirus if it complains.\n").scanned("not_scanned")).
		assign(wes, 20*mins, groupTrust, olu).
		note(olu, 15*mins, "Not ours. Override set on delivery-note.xlsm so that the lab can fetch it; nobody else needs it. archive.zip is encrypted, hence \"failed to scan\".").
		say(olu, 6*mins, "Hello Sam,\n\nit is not from us, and you did the right thing by not opening it. Please delete all four. Nothing on your account has changed; our logo is easy to copy, I'm afraid.").
		say(sam, 2*hrs, "Binned. The apprentice nearly clicked it, so thanks for being quick.").
		status(olu, 10*mins, "solved").
		sampled("Four dangerous files", "Attachments found infected, overridden, unscannable and unscanned: what may a reviewer still open?")
}

// seedKinds: one file of every kind, among them some that lie about themselves.
func seedKinds(d *data) {
	old := func(f *file) { f.old = true }
	d.open(TicketKinds, d.ago(2, "08:30:00"), kofi, "web", "Mesh router drops the upstairs access points: logs and plans").
		tagged("network").field(fieldReason, "damaged").
		say(kofi, 0, "Hello, I am the installer. As asked: the router's log of the last week (5 MB, sorry), the floor plan as SVG, a measurement table, a screenshot and the receipt.",
			bigLog("router-week.log", 5<<20), hostileSVG(), csv("signal.csv", "ap,floor,dBm", "ap01,0,-41", "ap09,1,-78", "ap10,1,-83"), errorDialog("88", "ACCESS POINT 09 NOT FOUND"), htmlAsJPEG(),
			pdf("receipt.pdf", "Acme Home", "1 mesh router MR-2   189.00")).
		assign(dele, 25*mins, groupTechnical, dele).
		note(dele, 10*mins, "The \"receipt photo\" is a web page that asks for a password, and the SVG has a script in it. Kofi's laptop may be infected. Telling him before anything else.").
		say(dele, 5*mins, "Hi Kofi, before the router: two of your files are not what they say they are. receipt-photo.jpg is a web page asking for a password, and the floor plan has a program inside. Please scan the laptop you sent them from.").
		say(kofi, 3*hrs, "Found it, thanks. Cleaned, passwords changed. README from the router's memory card attached, Zendesk thinks it is a game cartridge.", text("README", "MR-2 firmware 1.8.4\n").typed("application/x-genesis-rom"), text("empty.txt", "")).
		say(kofi, 1*hrs, "And the spare plan as a picture, name with spaces and a slash.", crushedBox().as("plan / 1. OG (Entwurf) #2 100%.png").with(old)).
		edit(func(c *comment) { c.PlainBody = "" }).
		say(dele, 30*mins, fmt.Sprintf("Line %d of the log has it: ap09 hears ap10 on the same channel. Set ap10 to 11 and you are done.", 40961)).
		status(dele, 1*days, "solved")
}
