package sim

import (
	"fmt"
	"strings"
	"time"
)

// shiftWriter composes the everyday entries of a long thread: an early, a late and a night shift of
// agents, and the shops that report in. It needs no randomness: entry n is always the same.
type shiftWriter struct {
	th *thread
	n  int
}

// until adds entries, evenly in time, until the thread has count comments and its clock stands at end.
func (w *shiftWriter) until(count int, end time.Time) {
	left := count - len(w.th.comments)
	if left <= 0 {
		return
	}
	step := end.Sub(w.th.at) / time.Duration(left+1)
	for range left {
		w.n++
		w.entry(step.Truncate(time.Second))
	}
	w.th.at = end
}

// shifts of agents; each covers eight hours, nights first.
var shifts = [3][3]int64{{priya, kenji, olu}, {mara, dele, anneke}, {jonas, ines, tomas}}

func (w *shiftWriter) entry(after time.Duration) {
	at := w.th.at.Add(after)
	shift := shifts[at.Hour()/8]
	agent := shift[w.n%3]
	shop := int64(w.n*5) % int64(len(storeTowns))
	town := storeTowns[shop]
	switch k := w.n * 7 % 20; {
	case k < 7:
		w.th.note(agent, after, w.fill(noteLines[w.n*3%len(noteLines)], town, at))
	case k < 12:
		w.th.say(firstStore+shop, after, w.fill(shopLines[w.n*11%len(shopLines)], town, at))
	case k < 18:
		w.th.say(agent, after, w.fill(answerLines[w.n*13%len(answerLines)], town, at))
	default:
		w.th.note(agent, after, w.fill("Handover to the next shift at {time}. Open: {town} ({n} tills), the reply to head office, and the test at {town2}. Log position {pos}. "+moods[w.n%len(moods)], town, at))
	}
}

// fill puts an entry's own figures into a sentence, so that no two entries are equal.
func (w *shiftWriter) fill(line, town string, at time.Time) string {
	for _, v := range [...][2]string{
		{"{town}", town}, {"{town2}", storeTowns[(w.n*3+1)%len(storeTowns)]}, {"{time}", at.Format("15:04")}, {"{n}", itoa(int64(1 + w.n*5%11))},
		{"{pos}", fmt.Sprintf("%05d", w.n*37)}, {"{ref}", fmt.Sprintf("PX-%04d", 2000+w.n)}, {"{pct}", itoa(int64(3 + w.n*19%93))},
		{"{amount}", fmt.Sprintf("%d.%02d", 4+w.n*23%180, w.n*31%100)},
	} {
		line = strings.ReplaceAll(line, v[0], v[1])
	}
	return line
}

var noteLines = []string{
	"Called {town} at {time}. Till {n} shows the same code. Sent their log to the engine room, ref {ref}.",
	"{pct} % of declines in the last half hour come from readers with firmware 4.2. Not conclusive. ({ref})",
	"Trace {ref}: the reader sends the request, gets the answer after 31 s, and gives up at 30.",
	"Release says no rollback before {time} tomorrow. Wrote down who said so, see log {pos}.",
	"{town} asked whether they may take payments by phone. Legal says no. Told them so, gently.",
	"Compared {town} and {town2}: same router, same readers, only {town2} fails. Difference is the time of the last restart? To be checked. ({ref})",
	"Queue at {time}: {n} shops waiting for a call. Taking them in the order of opening hours.",
	"Vendor hotline, ticket {ref}: they have reproduced it with a reader on the bench.",
	"Please stop pasting whole logs in here. Put them under {ref} and leave the line number, e.g. {pos}.",
	"Manager in {town} was close to tears. Called back at {time} without news, only so that somebody calls ({ref}).",
	"Test payment of {amount} at {town}: declined. At {town2}: declined. With the spare reader: declined. ({ref})",
	"Battery of the reader in {town} was flat; that one was not us. Closed as {ref}.",
}

var shopLines = []string{
	"{town} here. Still nothing at {time}, {n} people in the queue have left their baskets.",
	"Till {n} worked once, for {amount}, and then not again. Time was {time}.",
	"We have put a sign on the door. Takings are down {pct} % against last week.",
	"Is there anything new? We close early today unless cards come back. Regards, {town}",
	"A customer paid {amount} twice, once by card that seemed to fail, once in cash. Her receipt is {ref}. Who refunds her?",
	"The reader asked for an update at {time}. We pressed \"later\". Was that right?",
	"Good news from {town}: contactless went through for {amount}. Bad news: it was the only one out of {n}.",
	"We borrowed a reader from {town2}. Same error, so it is not the reader. Ref {ref}.",
	"Cash is running out, the bank gives us change at {time}. Till {n} is switched off until then.",
	"The manager wants a name and a time. Not \"soon\". — {town}, {time}",
	"Thank you for the call at {time}. It helps to know that somebody has us on a list, even in place {n}.",
}

var answerLines = []string{
	"Hello {town}, your till {n} is on our list under {ref}. The next attempt is at {time}; you need not do anything.",
	"Thank you, {town}. The payment of {amount} did not reach the bank, so nobody has been charged twice.",
	"{town}: please leave the reader plugged in overnight. We read its log at {time}, reference {ref}.",
	"To all shops: {pct} % of readers answer again after the change at {time}. {town2} and {town} please try one payment and write here.",
	"Pressing \"later\" was right, {town}. If it asks again, say no and write me the time; your reference is {ref}.",
	"{town}, the double payment {ref} over {amount} goes back to the customer today. Please give her our apology with it.",
	"We have no time for you yet, {town}, and I would rather say so than invent one. I write again at {time}, ref {ref}.",
	"{town}: I have asked the bank for {n} rolls of coins for you, on our account. They come at {time}.",
	"Short update at {time}: the vendor has found the readers that fail. Yours, {town}, are among them ({ref}).",
	"Sorry for the long wait, {town}. You were number {n}; I have your log up to line {pos} and it is complete.",
	"{town2} is back. {town} has the same readers, so we come to you next, ref {ref}, about {time}.",
}

var moods = []string{
	"Everyone tired, nobody rude.", "Coffee machine is broken too.", "Be kind to Eastby, they had a bad morning.", "Nothing promised to anybody.",
	"The vendor answers faster by phone.", "Two callbacks promised, both written above.", "Quiet for an hour now.",
}
