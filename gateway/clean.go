package gateway

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTML bounds the HTML of one message. A connector cuts at 1 MiB; this is the second bound.
const maxHTML = 1 << 20

// images says which addresses in a message's HTML are its own attachments, and by which handle.
type images map[string]string

// add notes an attachment's address: as it is, and by its path alone, since a mail may name the
// account's other host for it (Zendesk: mapped_content_url).
func (im images) add(address, handle string) {
	if address == "" || handle == "" {
		return
	}
	im[address] = mediaPath + handle
	im[mediaPath+handle] = mediaPath + handle
	if p := longPath(address); p != "" {
		if _, taken := im[p]; taken {
			im[p] = "" // two files at one path: the path says nothing
		} else {
			im[p] = mediaPath + handle
		}
	}
}

func (im images) find(src string) string {
	src = strings.TrimSpace(src)
	if to := im[src]; to != "" {
		return to
	}
	if p := longPath(src); p != "" {
		return im[p]
	}
	return ""
}

// longPath is the path of an http address if it is long enough to be a file's own.
func longPath(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || len(u.Path) < 20 {
		return ""
	}
	return "path:" + strings.TrimSuffix(u.Path, "/")
}

// cleanHTML lets through what mail looks like and nothing that acts: an own pass replaces images by
// handles, then bluemonday's allow-list has the last word. The frame's sandbox and CSP are walls of
// their own behind it. It returns how many images it took out and whether the text was cut.
func cleanHTML(raw string, im images) (clean string, remote int, cut bool) {
	if len(raw) > maxHTML {
		raw, cut = cutText(raw, maxHTML), true
	}
	// Both passes run over hostile input; a panic there costs this message its looks, not the stream.
	defer func() {
		if recover() != nil {
			clean, remote = html.EscapeString(plainText(raw)), 0
		}
	}()
	prepared, remote := prepare(raw, im)
	return strings.TrimSpace(policy.Sanitize(prepared)), remote, cut
}

// prepare rewrites tags one by one: images of the message get their handles, others are counted and
// dropped; links lose what is not an absolute address; styles lose what could load or cover.
func prepare(raw string, im images) (string, int) {
	var out strings.Builder
	out.Grow(len(raw))
	remote := 0
	var deep depth
	left := budget(maxDeclarations)
	z := html.NewTokenizer(strings.NewReader(raw))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String(), remote
		case html.CommentToken, html.DoctypeToken:
		case html.EndTagToken:
			if t := z.Token(); deep.leave(t.DataAtom) {
				out.WriteString(t.String())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if !deep.enter(t.DataAtom) {
				continue
			}
			if t.DataAtom == atom.Img || t.Data == "image" { // a browser reads <image> as <img>
				if !showImage(&t, im) {
					remote++
					continue
				}
			}
			t.Attr = safeAttrs(t.Attr, &left)
			out.WriteString(t.String())
		default:
			out.WriteString(z.Token().String())
		}
	}
}

// maxDepth is how deep elements may lie in one another: browsers and parsers give up at 512, and no
// mail that somebody wrote comes near.
const maxDepth = 200

// depth drops the tags of what lies too deep. Elements that close by themselves do not count.
type depth struct{ open, dropped int }

var nesting = map[atom.Atom]bool{}

func init() {
	for _, a := range []atom.Atom{atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Blockquote, atom.Center, atom.Cite, atom.Code,
		atom.Del, atom.Div, atom.Dl, atom.Em, atom.Figcaption, atom.Figure, atom.Font, atom.I, atom.Ins, atom.Kbd, atom.Mark, atom.Ol,
		atom.Pre, atom.Q, atom.Ruby, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Sub, atom.Sup, atom.Table,
		atom.Tt, atom.U, atom.Ul, atom.Var, atom.A} {
		nesting[a] = true
	}
}

func (d *depth) enter(a atom.Atom) bool {
	switch {
	case !nesting[a]:
		return true
	case d.open >= maxDepth:
		d.dropped++
		return false
	}
	d.open++
	return true
}

func (d *depth) leave(a atom.Atom) bool {
	switch {
	case !nesting[a]:
		return true
	case d.dropped > 0:
		d.dropped--
		return false
	}
	d.open = max(0, d.open-1)
	return true
}

func showImage(t *html.Token, im images) bool {
	t.Data, t.DataAtom, t.Type = "img", atom.Img, html.StartTagToken
	for i := range t.Attr {
		if t.Attr[i].Key == "src" && t.Attr[i].Namespace == "" {
			to := im.find(t.Attr[i].Val)
			t.Attr[i].Val = to
			return to != ""
		}
	}
	return false
}

// maxAttr bounds one attribute; data: addresses and styles of megabytes say nothing here.
const maxAttr = 4096

func safeAttrs(attrs []html.Attribute, left *budget) []html.Attribute {
	kept := attrs[:0]
	seen := map[string]bool{}
	for _, a := range attrs {
		a.Key = strings.ToLower(a.Key)
		switch {
		case seen[a.Key], len(a.Val) > maxAttr, !utf8.ValidString(a.Val):
			continue
		case a.Key == "style":
			if a.Val = left.safeStyle(a.Val); a.Val == "" {
				continue
			}
		case a.Key == "href":
			if a.Val = safeLink(a.Val); a.Val == "" {
				continue
			}
		}
		seen[a.Key] = true
		kept = append(kept, a)
	}
	return kept
}

// safeLink keeps absolute addresses of four schemes. Control characters and spaces within are how
// schemes are disguised, so an address with any is dropped.
func safeLink(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' || r == utf8.RuneError }) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
	case "mailto", "tel":
		if u.Opaque == "" {
			return ""
		}
	default:
		return ""
	}
	return u.String()
}

// hostileWords must not be in a style declaration: they load, run or take text from elsewhere. The
// characters below escape, comment or end what is around.
var hostileWords = []string{"url", "image", "expression", "script", "behavio", "binding", "position", "var(", "attr(", "env(", "element(", "content", "filter", "/*"}

const hostileChars = `\@<>{}`

func hostileStyle(declaration string) bool {
	if strings.ContainsAny(declaration, hostileChars) || strings.Count(declaration, ":") != 1 {
		return true
	}
	lower := strings.ToLower(declaration)
	return slices.ContainsFunc(hostileWords, func(w string) bool { return strings.Contains(lower, w) })
}

// maxDeclarations bounds the style declarations of one message: bluemonday takes some 20 µs for each.
const maxDeclarations = 4000

// styles are the properties that stay. None of them loads anything or lays one thing over another.
var styles = strings.Fields("background-color border border-bottom border-collapse border-color border-left border-radius border-right " +
	"border-spacing border-style border-top border-width color direction display font font-family font-size font-style font-variant " +
	"font-weight height letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right margin-top max-width " +
	"min-width padding padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration text-indent " +
	"text-transform vertical-align white-space width word-break")

// budget is how many more declarations a message may have.
type budget int

func (b *budget) safeStyle(s string) string {
	var kept []string
	for d := range strings.SplitSeq(s, ";") {
		d = strings.TrimSpace(d)
		name, _, _ := strings.Cut(d, ":")
		if !slices.Contains(styles, strings.ToLower(strings.TrimSpace(name))) || hostileStyle(d) {
			continue
		}
		if *b--; *b < 0 {
			break
		}
		kept = append(kept, d)
	}
	return strings.Join(kept, "; ")
}

// policy is the allow-list. It is built once and safe for concurrent use.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("abbr", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
		"dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd",
		"li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
		"table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr")
	p.AllowNoAttrs().OnElements("font", "span")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(?i:ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$`)).Globally()
	p.AllowAttrs("title", "alt").Matching(bluemonday.Paragraph).Globally()
	p.AllowAttrs("align", "valign").Matching(regexp.MustCompile(`^(?i:left|right|center|justify|top|middle|bottom|baseline)$`)).Globally()
	number := regexp.MustCompile(`^[0-9]{1,5}%?$`)
	p.AllowAttrs("width", "height").Matching(number).OnElements("img", "table", "td", "th", "col", "colgroup", "hr")
	p.AllowAttrs("border", "cellpadding", "cellspacing").Matching(number).OnElements("table", "img")
	p.AllowAttrs("colspan", "rowspan", "span").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("td", "th", "col", "colgroup")
	p.AllowAttrs("start", "value").Matching(regexp.MustCompile(`^-?[0-9]{1,6}$`)).OnElements("ol", "li")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^(?i:[1ai]|disc|circle|square)$`)).OnElements("ol", "ul", "li")
	colour := regexp.MustCompile(`^(?i:#[0-9a-f]{3,8}|[a-z]{3,20})$`)
	p.AllowAttrs("bgcolor").Matching(colour).OnElements("table", "tbody", "thead", "tr", "td", "th", "div", "span")
	p.AllowAttrs("color").Matching(colour).OnElements("font")
	p.AllowAttrs("face").Matching(regexp.MustCompile(`^[A-Za-z0-9 ,'-]{1,100}$`)).OnElements("font")
	p.AllowAttrs("size").Matching(regexp.MustCompile(`^[+-]?[0-9]$`)).OnElements("font")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^` + mediaPath + `h1\.[A-Za-z0-9_-]+$`)).OnElements("img")
	p.AllowAttrs("href").Matching(regexp.MustCompile(`^(?i:https?://|mailto:|tel:)`)).OnElements("a")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true) // the handles; links were made absolute or dropped
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AddTargetBlankToFullyQualifiedLinks(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AllowStyles(styles...).Globally()
	p.SkipElementsContent("svg", "math", "template", "textarea", "select", "button", "audio", "video", "canvas", "applet", "xmp", "plaintext", "portal")
	return p
}

// plainText is what HTML says without its tags.
func plainText(raw string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(raw))
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(out.String())
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) == "script" || string(name) == "style" {
				skip = string(name)
			} else if blockTag[atom.Lookup(name)] {
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == skip {
				skip = ""
			}
		case html.TextToken:
			if skip == "" {
				out.WriteString(z.Token().Data)
			}
		default: // comments and the like say nothing
		}
	}
}

var blockTag = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Br: true, atom.Tr: true, atom.Li: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.Blockquote: true, atom.Pre: true}

// cutText cuts at most max bytes at the border of a character.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
