package zendesk

import (
	"html"
	"strings"
)

// canonical gives a comment's HTML with its own files under the names that the account knows. Where a
// brand has a host name of its own, html_body names inline images by mapped_content_url, a host to
// which nothing is ever sent; content_url is the same file.
func (f files) canonical(body string) string {
	for _, one := range f.list {
		if one.mapped == "" || one.mapped == one.url || one.url == "" {
			continue
		}
		body = rename(body, html.EscapeString(one.mapped), html.EscapeString(one.url))
		body = rename(body, one.mapped, html.EscapeString(one.url))
	}
	return body
}

// rename replaces an address where it is all of an attribute. What people read stays as they wrote it.
func rename(body, from, to string) string {
	var out strings.Builder
	done := 0
	for at := 0; ; {
		i := strings.Index(body[at:], from)
		if i < 0 {
			break
		}
		start, end := at+i, at+i+len(from)
		if at = end; attribute(body, start, end) {
			out.WriteString(body[done:start])
			out.WriteString(to)
			done = end
		}
	}
	if done == 0 {
		return body
	}
	out.WriteString(body[done:])
	return out.String()
}

// attribute tells whether body[start:end] is a whole attribute's value, in quotes or without.
func attribute(body string, start, end int) bool {
	if start == 0 || end == len(body) {
		return false
	}
	switch before := body[start-1]; before {
	case '"', '\'':
		return body[end] == before && start > 1 && strings.TrimRight(body[:start-1], " \t\r\n") != "" &&
			strings.HasSuffix(strings.TrimRight(body[:start-1], " \t\r\n"), "=")
	case '=':
		return strings.IndexByte(" \t\r\n>", body[end]) >= 0
	default:
		return false
	}
}
