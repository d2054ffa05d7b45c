package gateway

import (
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

func BenchmarkClean(b *testing.B) {
	mail := `<div class="zd-comment" dir="auto">` + strings.Repeat(`<p dir="auto" style="margin:0 0 10px;color:#333">Where is <b>my parcel</b>? <a href="https://shop.example/o/1">Order</a></p>`, 15) + `</div>`
	b.SetBytes(int64(len(mail)))
	b.ReportAllocs()
	for b.Loop() {
		cleanHTML(mail, ours)
	}
}

func BenchmarkEncode(b *testing.B) {
	m := &connectors.Message{ID: "331", At: time.Now(), Author: connectors.WhoID("801"), Visibility: connectors.VisibilityPublic,
		Text: connectors.NewText(strings.Repeat("Where is my parcel? ", 60)), HTML: connectors.NewText(strings.Repeat("<p>Where is my parcel?</p>", 60))}
	e := newEncoder()
	b.ReportAllocs()
	for b.Loop() {
		line, err := e.line(m)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(line)))
	}
}
