package zendesk

import (
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// Inline images under a brand's host name get the name that the gateway knows the file by.
func TestMappedImagesAreNamedByContentURL(t *testing.T) {
	const files = `"attachments":[
		{"id":1,"content_url":"https://acme.zendesk.com/attachments/token/A/?name=a.png&x=1","mapped_content_url":"https://help.acme.example/attachments/token/A/?name=a.png&x=1"},
		{"id":2,"content_url":"https://acme.zendesk.com/attachments/token/A/?name=a.png&x=12","mapped_content_url":"https://help.acme.example/attachments/token/A/?name=a.png&x=12"},
		{"id":3,"content_url":"https://acme.zendesk.com/s","mapped_content_url":"https://acme.zendesk.com/s"},{"id":4,"mapped_content_url":"https://help.acme.example/none"}]`
	const one, two = "https://acme.zendesk.com/attachments/token/A/?name=a.png&amp;x=1", "https://acme.zendesk.com/attachments/token/A/?name=a.png&amp;x=12"
	for what, c := range map[string]struct{ html, want string }{
		"as it is written":  {`<p><img src=\"https://help.acme.example/attachments/token/A/?name=a.png&x=1\"></p>`, `<p><img src="` + one + `"></p>`},
		"escaped":           {`<img src=\"https://help.acme.example/attachments/token/A/?name=a.png&amp;x=12\">`, `<img src="` + two + `">`},
		"both":              {`<img src='https://help.acme.example/attachments/token/A/?name=a.png&x=12'><img src = \"https://help.acme.example/attachments/token/A/?name=a.png&x=1\">`, `<img src='` + two + `'><img src = "` + one + `">`},
		"without quotes":    {`<img src=https://help.acme.example/attachments/token/A/?name=a.png&x=1>`, `<img src=` + one + `>`},
		"text stays":        {`<p>https://help.acme.example/attachments/token/A/?name=a.png&x=1</p>`, `<p>https://help.acme.example/attachments/token/A/?name=a.png&x=1</p>`},
		"quoted text stays": {`<p>\"https://help.acme.example/attachments/token/A/?name=a.png&x=1\"</p>`, `<p>"https://help.acme.example/attachments/token/A/?name=a.png&x=1"</p>`},
		"another file":      {`<img src=\"https://help.acme.example/attachments/token/B/\">`, `<img src="https://help.acme.example/attachments/token/B/">`},
		"at the ends":       {`https://help.acme.example/attachments/token/A/?name=a.png&x=1`, `https://help.acme.example/attachments/token/A/?name=a.png&x=1`},
	} {
		var got string
		o := reading(func(p connectors.Part) {
			if m, ok := p.(*connectors.Message); ok {
				got = connectors.Wire(m.HTML)
			}
		})
		d := decoding(`{"comments":[{"id":1,"html_body":"` + c.html + `",` + files + `}],"meta":{"has_more":false}}`)
		new(page).read(d, o.commentPages())
		if d.Err != nil || got != c.want {
			t.Errorf("%s: got %s, %v, want %s", what, got, d.Err, c.want)
		}
	}
}
