package gateway

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

func hostile(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/hostile_html.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

var ours = images{}

func init() { ours.add("https://acme.zendesk.com/attachments/token/Xy12abcdef/?name=a.png", "h1.good") }

func TestHostileHTMLIsHarmless(t *testing.T) {
	all := hostile(t)
	if len(all) < 223 {
		t.Fatalf("corpus has %d payloads, want at least 223", len(all))
	}
	for _, raw := range all {
		clean, _, _ := cleanHTML(raw, ours)
		if what := harm(clean); what != "" {
			t.Errorf("%s\n in: %.300s\nout: %.300s", what, raw, clean)
		}
	}
}

// What survives is checked as a browser would see it: parsed again, in every way it may be parsed.
func TestHostileHTMLStaysHarmlessWhenParsedAgain(t *testing.T) {
	for _, raw := range hostile(t) {
		clean, _, _ := cleanHTML(raw, ours)
		for range 3 {
			doc, err := html.Parse(strings.NewReader(clean))
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := html.Render(&b, doc); err != nil {
				t.Fatal(err)
			}
			clean = b.String()
			if what := harm(clean); what != "" {
				t.Fatalf("%s\n in: %.300s\nout: %.300s", what, raw, clean)
			}
		}
	}
}

var (
	harmlessTags = strings.Fields("html head body a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em " +
		"figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup " +
		"table tbody td tfoot th thead tr tt u ul var wbr")
	harmlessAttrs = strings.Fields("href src style dir lang title alt align valign width height border cellpadding cellspacing colspan rowspan " +
		"span start value type bgcolor color face size rel target")
	harmlessRel = "nofollow noreferrer noopener"
	badStyle    = regexp.MustCompile(`(?i)url|@|expression|\\|position|binding|behavior|image|content|javascript|filter`)
)

// harm says what in a document could run, load or cover, or "".
func harm(doc string) string {
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		return err.Error()
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			if n.Type != html.TextNode {
				return "a node that is neither element nor text: " + n.Data
			}
			continue
		}
		if !slices.Contains(harmlessTags, n.Data) || n.Namespace != "" {
			return "element " + n.Namespace + ":" + n.Data
		}
		if what := harmInAttrs(n); what != "" {
			return what
		}
	}
	return ""
}

func harmInAttrs(n *html.Node) string {
	for _, a := range n.Attr {
		switch {
		case !slices.Contains(harmlessAttrs, a.Key) || a.Namespace != "":
			return "attribute " + a.Key
		case a.Key == "src" && a.Val != mediaPath+"h1.good":
			return "src " + a.Val
		case a.Key == "href" && safeLink(a.Val) == "":
			return "href " + a.Val
		case a.Key == "rel" && a.Val != harmlessRel && a.Val != "nofollow noreferrer":
			return "rel " + a.Val
		case a.Key == "target" && a.Val != "_blank":
			return "target " + a.Val
		case a.Key == "style" && badStyle.MatchString(a.Val):
			return "style " + a.Val
		}
	}
	return ""
}

func TestCleanKeepsWhatMailLooksLike(t *testing.T) {
	for in, want := range map[string]string{
		`<div class="zd-comment" dir="auto"><p dir="auto">Where is it?</p></div>`:                          `<div dir="auto"><p dir="auto">Where is it?</p></div>`,
		`<p style="color: #333; margin: 0 0 10px">a</p>`:                                                   `<p style="color: #333; margin: 0 0 10px">a</p>`,
		`<table border="1" width="100%"><tr><td colspan="2" bgcolor="#eee">a</td></tr></table>`:            `<table border="1" width="100%"><tr><td colspan="2" bgcolor="#eee">a</td></tr></table>`,
		`<a href="https://shop.example/o?a=1&amp;b=2">order</a>`:                                           `<a href="https://shop.example/o?a=1&amp;b=2" rel="nofollow noreferrer noopener" target="_blank">order</a>`,
		`<a href="mailto:a@b.example">write</a>`:                                                           `<a href="mailto:a@b.example" rel="nofollow noreferrer">write</a>`,
		`<img src="https://acme.zendesk.com/attachments/token/Xy12abcdef/?name=a.png" alt="a" width="40">`: `<img src="/api/v1/media/h1.good" alt="a" width="40">`,
		`<img src="https://help.acme.example/attachments/token/Xy12abcdef/?name=a.png">`:                   `<img src="/api/v1/media/h1.good">`,
		`1 &lt; 2 &amp; "x"`:                               `1 &lt; 2 &amp; &#34;x&#34;`,
		`<p>שלום 你好 😀</p>`:                                 `<p>שלום 你好 😀</p>`,
		`<ul><li>a<li>b</ul>`:                              `<ul><li>a<li>b</ul>`,
		`<font color="red" face="Arial" size="2">a</font>`: `<font color="red" face="Arial" size="2">a</font>`,
	} {
		if got, _, _ := cleanHTML(in, ours); got != want {
			t.Errorf("\n in: %s\ngot: %s\nwnt: %s", in, got, want)
		}
	}
}

func TestCleanCountsImagesItTakesOut(t *testing.T) {
	in := `<img src="https://t.example/p.gif"><img src="cid:1"><img src="data:image/png;base64,AA"><img src="https://acme.zendesk.com/attachments/token/Xy12abcdef/?name=a.png"><!-- <img> -->`
	if clean, n, _ := cleanHTML(in, ours); n != 3 || strings.Count(clean, "<img") != 1 {
		t.Errorf("got %d taken out, %s", n, clean)
	}
}

func TestCleanTwiceIsCleanOnce(t *testing.T) {
	all := append(hostile(t), `<p>a &amp;amp; b</p>`, `<a href="http://x.example">x</a>`)
	for _, raw := range all {
		if once, twice := again(raw); once != twice {
			t.Errorf("\n in: %.300s\none: %.300s\ntwo: %.300s", raw, once, twice)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		var b strings.Builder
		for range n {
			s := rapid.SampledFrom(all).Draw(t, "piece")
			b.WriteString(cutText(s, rapid.IntRange(0, min(len(s), 400)).Draw(t, "cut")))
			b.WriteString(rapid.StringN(0, 8, 32).Draw(t, "text"))
		}
		once, twice := again(b.String())
		if once != twice || harm(once) != "" {
			t.Fatalf("%s\n in: %q\none: %q\ntwo: %q", harm(once), b.String(), once, twice)
		}
	})
}

func again(raw string) (once, twice string) {
	once, _, _ = cleanHTML(raw, ours)
	twice, _, _ = cleanHTML(once, ours)
	return once, twice
}

func TestCleanIsBounded(t *testing.T) {
	raw := strings.Repeat("<p>ä</p>", maxHTML/8)
	clean, _, cut := cleanHTML(raw, ours)
	if !cut || len(clean) > maxHTML+100 {
		t.Errorf("cut %v, %d bytes", cut, len(clean))
	}
	for _, raw := range []string{strings.Repeat("<div>", 200_000), strings.Repeat("<a href=x style=", 60_000), strings.Repeat("&#x", 300_000), strings.Repeat(`<p style="`+strings.Repeat("color:red;", 400)+`">`, 200)} {
		start := time.Now()
		cleanHTML(raw, ours)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.20s…: %s", raw, took)
		}
	}
}

func TestPlainText(t *testing.T) {
	if got := plainText(`<p>a<b>b</b></p><script>x</script><style>y</style><p>c &amp; d</p>`); got != "ab\nc & d" {
		t.Errorf("got %q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, raw := range hostile(f) {
		if len(raw) < 2000 {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once, twice := again(raw)
		if what := harm(once); what != "" || once != twice {
			t.Fatalf("%s\n in: %q\none: %q\ntwo: %q", what, raw, once, twice)
		}
	})
}
