package gateway

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// nonceMark stands in index.html where each response gets its own nonce.
const nonceMark = "__NONCE__"

// pageCSP is the policy of the review screen (design section 12).
const pageCSP = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonceMark + "'; img-src 'self' blob: data:; " +
	"media-src 'self' blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// frameCSP is the policy of the empty document that formatted mail is written into. It never allows
// scripts; together with allow-same-origin they could free themselves.
const frameCSP = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'self'; sandbox allow-same-origin"

const frameDocument = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light"><title>Message</title><body></body></html>
`

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sightglass</title>
<body><h1>Sightglass</h1><p>The server runs; its page was not built. With Node 20.19 or newer, run <code>make build</code> (or, in
<code>gateway/ui</code>, <code>npm ci</code> and <code>npm run build</code>), then build the program again.</p>
<p>The interface for programs works: <a href="/api/openapi.json">/api/openapi.json</a>.</p></body></html>
`

// page serves the built user interface.
type page struct {
	files fs.FS
	index []byte // nil: not built
}

func newPage(files fs.FS) (*page, error) {
	if files == nil {
		return &page{}, nil
	}
	b, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return nil, errors.New("gateway: the user interface has no index.html")
	}
	return &page{files, b}, nil
}

// serve answers every path of the UI: a file if there is one, else the page, which routes by itself.
func (p *page) serve(c echo.Context) error {
	name := strings.TrimPrefix(path.Clean(c.Request().URL.Path), "/")
	if p.files != nil && name != "" && name != "index.html" {
		if info, err := fs.Stat(p.files, name); err == nil && !info.IsDir() {
			return p.asset(c, name)
		}
	}
	if isFile(name) {
		return echo.ErrNotFound
	}
	return p.shell(c)
}

// isFile tells whether a path looks like a file's: what is not there is no page. Ids of interactions
// may have dots.
func isFile(name string) bool {
	switch {
	case name == "", name == "index.html", strings.HasPrefix(name, "i/"):
		return false
	}
	return name == "assets" || strings.HasPrefix(name, "assets/") || path.Ext(name) != ""
}

func (p *page) shell(c echo.Context) error {
	h := c.Response().Header()
	body := []byte(notBuilt)
	nonce := newNonce()
	if p.index != nil {
		body = bytes.ReplaceAll(p.index, []byte(nonceMark), []byte(nonce))
	}
	h.Set("Content-Security-Policy", strings.ReplaceAll(pageCSP, nonceMark, nonce))
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "text/html; charset=utf-8", body)
}

func newNonce() string {
	var b [18]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return base64.StdEncoding.EncodeToString(b[:])
}

// asset serves a file of the build. Names under assets/ hold a hash of their content, so they never
// change.
func (p *page) asset(c echo.Context, name string) error {
	b, err := fs.ReadFile(p.files, name)
	if err != nil {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	// A worker is governed by the policy of its own response.
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'self'; frame-ancestors 'none'")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	return c.Blob(http.StatusOK, typeOf(name), b)
}

// typeOf does not depend on the machine's mime.types.
func typeOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".woff":
		return "font/woff"
	case ".json", ".map":
		return "application/json"
	case ".png":
		return "image/png"
	case ".wasm":
		return "application/wasm"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

// frame is the one document that may be framed, by our own page.
func (p *page) frame(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", frameCSP)
	h.Del("X-Frame-Options")
	h.Set("X-DNS-Prefetch-Control", "off")
	h.Set("Cache-Control", "public, max-age=3600") // it is empty and the same for everybody
	return c.Blob(http.StatusOK, "text/html; charset=utf-8", []byte(frameDocument))
}
