package sim

import (
	"html"
	"strings"
	"sync"
	"time"
)

// thread is a ticket's conversation while it is written down, and after. Each step moves its clock.
type thread struct {
	d        *data
	t        *ticket
	at       time.Time
	next     int64 // ids of comments and events, which share one sequence
	audit    int64 // ids of audits
	comments []comment
	audits   []audit
	archived bool

	more func(*thread) // writes the rest on first use, for very long threads; it may not attach files
	once sync.Once
}

func (th *thread) list() []comment {
	th.complete()
	return th.comments
}

func (th *thread) auditList() []audit {
	th.complete()
	return th.audits
}

func (th *thread) complete() {
	th.once.Do(func() {
		if th.more == nil {
			return
		}
		scratch := *th.t // others read the ticket meanwhile
		th.t = &scratch
		th.more(th)
	})
}

// say adds a public message of author, after a while.
func (th *thread) say(author int64, after time.Duration, text string, files ...file) *thread {
	return th.add(author, after, true, text, paragraphs(text), files)
}

// note adds an internal note.
func (th *thread) note(author int64, after time.Duration, text string, files ...file) *thread {
	return th.add(author, after, false, text, paragraphs(text), files)
}

// mail adds a public message with an HTML body of its own. In it, cid:<file name> becomes the URL of
// that file, which is then an inline image.
func (th *thread) mail(author int64, after time.Duration, plain, body string, files ...file) *thread {
	for i := range files {
		if strings.Contains(body, "cid:"+files[i].name) {
			files[i].inline = true
		}
	}
	th.add(author, after, true, plain, "", files)
	return th.edit(func(c *comment) {
		for _, a := range c.Attachments {
			body = strings.ReplaceAll(body, "cid:"+a.FileName, html.EscapeString(a.ContentURL))
		}
		c.HTMLBody = `<div class="zd-comment" dir="auto">` + body + `</div>`
	})
}

func (th *thread) add(author int64, after time.Duration, public bool, text, htmlBody string, files []file) *thread {
	th.at = th.at.Add(after)
	a := th.newAudit(author)
	th.next++
	c := comment{
		ID: th.next, Type: "Comment", AuthorID: ptr(author), AuditID: a.ID, Public: public, CreatedAt: th.at,
		Body: text, PlainBody: plainBody(text), HTMLBody: htmlBody, Via: ptr(th.viaOf(author)),
		Metadata: &metadata{System: th.d.system(author)}, Attachments: []attachment{},
	}
	for _, f := range files {
		c.Attachments = append(c.Attachments, th.d.attach(th.t, f))
	}
	a.Events = append(a.Events, event{
		ID: c.ID, Type: "Comment", AuthorID: author, Body: c.Body, HTMLBody: c.HTMLBody, PlainBody: c.PlainBody,
		Public: ptr(public), Attachments: c.Attachments, AuditID: a.ID,
	})
	if len(th.comments) == 0 {
		th.t.Description = text
		a.Events = append(a.Events, th.change("subject", nil, th.t.Subject), th.change("status", nil, "new"))
		for i := range a.Events[1:] {
			a.Events[i+1].Type = "Create"
		}
	} else if public && isAgent(author) {
		a.Events = append(a.Events, th.notification(c))
	} else if public && th.t.Status == "pending" { // a customer's answer wakes the ticket
		a.Events = append(a.Events, th.change("status", "pending", "open"))
		th.t.Status = "open"
	}
	th.comments, th.audits = append(th.comments, c), append(th.audits, a)
	th.t.UpdatedAt = th.at
	return th
}

// notification is the mail that an agent's answer sends: noise that a reader of audits must skip.
func (th *thread) notification(c comment) event {
	th.next++
	return event{
		ID: th.next, Type: "NotificationWithCcs", Subject: "Re: {{ticket.title}}", Recipients: []int64{th.t.RequesterID}, CommentID: c.ID,
		Via: &via{Channel: "rule", Source: viaSource{From: viaEnd{ID: 5501, Title: "Notify requester of comment update"}, Rel: ptr("trigger")}},
	}
}

func (th *thread) newAudit(author int64) audit {
	th.audit++
	return audit{
		ID: th.audit, TicketID: th.t.ID, CreatedAt: th.at, AuthorID: author,
		Metadata: metadata{System: th.d.system(author)}, Via: th.viaOf(author), Events: []event{},
	}
}

func (th *thread) change(field string, from, to any) event {
	th.next++
	return event{ID: th.next, Type: "Change", FieldName: field, Value: to, Previous: from}
}

// set changes a field, in an audit of its own.
func (th *thread) set(actor int64, after time.Duration, field, from, to string) *thread {
	th.at = th.at.Add(after)
	a := th.newAudit(actor)
	a.Events = append(a.Events, th.change(field, from, to))
	th.audits = append(th.audits, a)
	th.t.UpdatedAt = th.at
	return th
}

// assign moves the ticket to an agent of a group and records both changes in one audit.
func (th *thread) assign(actor int64, after time.Duration, groupID, agent int64) *thread {
	th.at = th.at.Add(after)
	a := th.newAudit(actor)
	if old := deref(th.t.GroupID); old != groupID {
		a.Events = append(a.Events, th.change("group_id", idValue(old), itoa(groupID)))
	}
	a.Events = append(a.Events, th.change("assignee_id", idValue(deref(th.t.AssigneeID)), itoa(agent)))
	if th.t.Status == "new" {
		a.Events = append(a.Events, th.change("status", "new", "open"))
		th.t.Status = "open"
	}
	th.audits = append(th.audits, a)
	th.t.GroupID, th.t.AssigneeID, th.t.UpdatedAt = ptr(groupID), ptr(agent), th.at
	return th
}

// status changes the status.
func (th *thread) status(actor int64, after time.Duration, to string) *thread {
	from := th.t.Status
	th.t.Status = to
	return th.set(actor, after, "status", from, to)
}

// rate adds the customer's answer to the satisfaction survey.
func (th *thread) rate(after time.Duration, score, text string) *thread {
	th.at = th.at.Add(after)
	a := th.newAudit(th.t.RequesterID)
	th.next++
	a.Events = append(a.Events, event{ID: th.next, Type: "SatisfactionRating", Score: score, Body: text})
	th.audits = append(th.audits, a)
	th.t.SatisfactionRating = &rating{ID: th.t.ID*10 + 3, Score: score, Comment: text}
	th.t.UpdatedAt = th.at
	return th
}

func isAgent(id int64) bool { return id >= firstAgent && id < firstCustomer }

func (th *thread) last() *comment { return &th.comments[len(th.comments)-1] }

// edit changes the last comment, and the event that tells of it.
func (th *thread) edit(f func(*comment)) *thread {
	c, e := th.last(), &th.audits[len(th.audits)-1].Events[0]
	f(c)
	e.Type, e.HTMLBody, e.PlainBody, e.Via = c.Type, c.HTMLBody, c.PlainBody, c.Via
	return th
}

func (th *thread) viaOf(author int64) via {
	if isAgent(author) {
		return via{Channel: "web", Source: viaSource{From: viaEnd{}, To: viaEnd{}}}
	}
	if u := th.d.users[author]; u != nil && th.t.Via.Channel == "email" && u.Email != nil {
		return via{Channel: "email", Source: viaSource{From: viaEnd{Address: *u.Email, Name: u.Name}, To: th.t.Via.Source.To}}
	}
	return th.t.Via
}

func idValue(id int64) any {
	if id == 0 {
		return nil
	}
	return itoa(id)
}

// paragraphs is html_body for plain text: what Zendesk makes of a mail without formatting.
func paragraphs(text string) string {
	var b strings.Builder
	b.WriteString(`<div class="zd-comment" dir="auto">`)
	for p := range strings.SplitSeq(text, "\n\n") {
		b.WriteString(`<p dir="auto">` + strings.ReplaceAll(html.EscapeString(p), "\n", "<br>") + `</p>`)
	}
	b.WriteString(`</div>`)
	return b.String()
}

// plainBody keeps the padding that recorded answers have between paragraphs.
func plainBody(text string) string { return strings.ReplaceAll(text, "\n\n", "\n&nbsp;\n") }
