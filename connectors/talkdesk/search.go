package talkdesk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

const day = 24 * time.Hour

// windows are the times in which an interaction is looked for that no recording dates: the day that came
// with its id, wherever on earth that day was, then the week around it; without one the last day, then the
// last week. There it stops: who asks has to say more.
func (o *opening) windows() []window {
	now := o.c.now()
	if o.day.IsZero() {
		return []window{both(now.Add(-day), now), both(now.Add(-7*day), now.Add(-day))}
	}
	from, to := o.day.Add(-14*time.Hour), o.day.Add(day+12*time.Hour)
	return []window{both(from, o.c.clip(to)), both(o.c.clip(to), o.c.clip(o.day.Add(4*day))), both(o.day.Add(-3*day), from)}
}

// both is a window that is the same everywhere, but for what began in it and ended a little later.
func both(from, to time.Time) window {
	return window{report: stretch{from, to.Add(time.Minute)}, talk: stretch{from, to}}
}

// search looks in one window after the other, until one of the sources finds the interaction.
func (o *opening) search(ctx context.Context, sources []source) error {
	var failed []end
	for _, w := range o.windows() {
		if !w.talk.from.Before(w.talk.to) || len(sources) == 0 {
			continue
		}
		ends, err := o.gather(ctx, w, sources)
		if err != nil {
			return err
		}
		for _, e := range ends {
			if e.err == nil {
				continue
			}
			failed = append(failed, e)
			sources = slices.DeleteFunc(slices.Clone(sources), func(s source) bool { return s.what == e.what })
		}
		if o.headed {
			return o.found(w, ends, failed)
		}
	}
	return o.notFound(failed)
}

// found names what is missing of an interaction that one of the sources had.
func (o *opening) found(w window, ends, failed []end) error {
	for _, e := range ends {
		if e.err == nil && !e.found {
			if err := o.emit(o.absent(e.what, w)); err != nil {
				return err
			}
		}
	}
	for _, e := range failed { // those that failed when nothing had been shown yet
		if !e.told {
			if err := o.settle(e); err != nil {
				return err
			}
		}
	}
	if o.ref.Kind == records.KindCall && len(o.recs) == 0 {
		if err := o.emit(o.noRecording()); err != nil {
			return err
		}
	}
	return o.incomplete
}

// noRecording says why a call has nothing to hear, as far as that can be told.
func (o *opening) noRecording() *connectors.Missing {
	m := &connectors.Missing{What: whatRecording, Reason: connectors.MissingNotFound}
	switch age := o.c.now().Sub(o.began); {
	case o.denied != nil:
		return o.denied
	case slices.Contains([]string{"missed", "abandoned", "short_abandoned", "outbound_missed"}, o.native):
		m.Say = "Nobody spoke: the call was " + map[string]string{
			"missed": "missed", "abandoned": "given up while waiting", "short_abandoned": "given up at once", "outbound_missed": "not answered",
		}[o.native] + "."
	case !o.began.IsZero() && age < recent:
		m.Reason, m.Say = connectors.MissingNotReady, "Talkdesk has no recording of this call yet; if one was made, it may follow within the hour."
	case age > retention && !o.began.IsZero():
		m.Reason, m.Say = connectors.MissingRetention, "Talkdesk keeps recordings for six months unless the account says otherwise; this call is older."
	default:
		m.Say = "Talkdesk lists no recording of this call: it was not recorded, or the recording has been deleted."
	}
	return m
}

// notFound is the answer when no source had it: an error of one of them, if it may have been there.
func (o *opening) notFound(failed []end) error {
	at := call{op: string(o.ref.Kind) + ".open"}
	worst := end{}
	for _, e := range failed {
		if worst.err == nil || connectors.CodeOf(worst.err) == connectors.CodeMissingScope && connectors.CodeOf(e.err) != connectors.CodeMissingScope {
			worst = e
		}
	}
	if worst.err != nil && (connectors.CodeOf(worst.err) != connectors.CodeMissingScope || len(failed) >= len(o.sources())) {
		return o.c.classify(context.Background(), at, worst.err, connectors.CodeProviderDown)
	}
	return o.c.fail(at, connectors.CodeNotFound, "", fmt.Errorf("not within the times that were looked through"))
}

// sources of the interaction's kind.
func (o *opening) sources() []source {
	if o.ref.Kind == records.KindCall {
		return o.callSources()
	}
	return o.digitalSources()
}
