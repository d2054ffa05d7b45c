package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
	"github.com/oklog/ulid/v2"

	"github.com/sightglass-gateway/sightglass/auth"
)

// visit is what is known of a request; handlers find it in their context.
type visit struct {
	ID        string // request id
	Peer      netip.Addr
	Principal *auth.Principal
	Token     credential
	Started   time.Time
	Request   *http.Request
	// Route is the pattern, never the path: paths hold ids of people's interactions.
	Route string
	// Code is the problem's, for the log and the metrics.
	Code string
}

type visitKey struct{}

// visitOf returns the request's visit; a context without one gives an empty visit.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// observe is outermost: it names the request, sets headers that every answer has, turns errors into
// problem bodies and logs one line, however the request ends.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		v := &visit{ID: requestID(r), Started: s.now(), Route: route(c), Peer: clientAddr(r, s.cfg.TrustedProxies)}
		ctx := context.WithValue(r.Context(), visitKey{}, v)
		c.SetRequest(r.WithContext(ctx))
		v.Request = c.Request()
		s.setHeaders(c.Response().Header(), v.ID)
		start := time.Now()
		// A deadline belongs to the connection and would outlive its request. Streams roll it on.
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(start.Add(2 * time.Minute))
		defer func() { s.logRequest(c, v, time.Since(start)) }()
		if err := next(c); err != nil {
			s.fail(err, c)
		}
		return nil
	}
}

// route is the pattern that matched; for what matched none, a word of ours.
func route(c echo.Context) string {
	if p := c.Path(); p != "" && p != "/*" {
		return p
	}
	return "other"
}

// logRequest writes no path, no query, no address: metadata only.
func (s *Server) logRequest(c echo.Context, v *visit, took time.Duration) {
	res := c.Response()
	status := res.Status
	if !res.Committed && v.Request.Context().Err() != nil {
		status = 499 // the client left before anything was said
	}
	s.metrics.request(c.Request().Method, v.Route, status, took)
	level := slog.LevelInfo
	if v.Route == "/livez" || v.Route == "/readyz" {
		level = slog.LevelDebug
	}
	s.log.LogAttrs(v.Request.Context(), level, "request", slog.String("method", methodName(c.Request().Method)), slog.String("route", v.Route),
		slog.Int("status", status), slog.Int64("dur_ms", took.Milliseconds()), slog.Int64("bytes", res.Size), slog.String("code", v.Code),
		slog.String("request_id", v.ID))
}

// methodName keeps invented methods out of logs and metrics.
func methodName(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	default:
		return "other"
	}
}

// requestID takes a sane inbound id, so that a chain of proxies agrees on one; else makes one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if len(id) < 8 || len(id) > 64 || strings.IndexFunc(id, notIDRune) >= 0 {
		return ulid.Make().String()
	}
	return id
}

func notIDRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

const (
	apiCSP        = "default-src 'none'; frame-ancestors 'none'"
	noPermissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
)

// fixed are headers with values that never change. The slices are shared by all answers: they have no
// room to append to, and who wants another value puts another slice in the place.
type fixed []struct {
	name  string // in its canonical form
	value []string
}

func (f fixed) set(h http.Header) {
	for _, x := range f {
		h[x.name] = x.value
	}
}

// every are those that every answer has, errors included. The page, the frame and media change their
// policy later.
var every = fixed{
	{"Content-Security-Policy", []string{apiCSP}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}},
	{"Referrer-Policy", []string{"no-referrer"}},
	{"Permissions-Policy", []string{noPermissions}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{"Cache-Control", []string{"no-store"}},
}

// overTLS is what they have as well where people reach us by https.
var overTLS = fixed{{"Strict-Transport-Security", []string{"max-age=63072000; includeSubDomains"}}}

func (s *Server) setHeaders(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	every.set(h)
	if s.cfg.secure() {
		overTLS.set(h)
	}
}

// recoverPanics turns a panic into an error. The value is not logged: it may quote content. The
// abort of a half-written answer passes through.
func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch p := recover().(type) {
			case nil:
			case error:
				if errors.Is(p, http.ErrAbortHandler) {
					panic(http.ErrAbortHandler)
				}
				err = s.panicked(c, p)
			default:
				err = s.panicked(c, p)
			}
		}()
		return next(c)
	}
}

func (s *Server) panicked(c echo.Context, value any) error {
	s.log.ErrorContext(c.Request().Context(), "panic in a handler", "type", fmt.Sprintf("%T", value), "frames", frames(),
		"request_id", visitOf(c.Request().Context()).ID)
	return errors.New("gateway: a handler panicked")
}

// frames names the functions on the stack, without their arguments.
func frames() []string {
	pc := make([]uintptr, 32)
	it := runtime.CallersFrames(pc[:runtime.Callers(4, pc)])
	var names []string
	for {
		f, more := it.Next()
		names = append(names, fmt.Sprintf("%s:%d", f.Function, f.Line))
		if !more {
			return names
		}
	}
}

// guard refuses what no route needs before anything else looks at it.
func (s *Server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if len(r.TransferEncoding) > 0 {
			// All bodies here are small and have a length. Without chunked bodies there is nothing
			// that two readers of one connection could disagree about (reliability T6).
			c.Response().Header().Set("Connection", "close")
			return bad("body", "send it with Content-Length, not chunked")
		}
		if r.ContentLength > s.cfg.MaxBodyBytes {
			c.Response().Header().Set("Connection", "close")
			return bad("body", "too long")
		}
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(c.Response(), r.Body, s.cfg.MaxBodyBytes)
		}
		if c.Path() == "/*" {
			return next(c) // a path of the page: all of it is the parameter
		}
		// Echo's last parameter takes slashes along: that is a path we do not have. An interaction's id
		// that merely holds wrong bytes is told so by its handler (400).
		longer := strings.Count(r.URL.EscapedPath(), "/") != strings.Count(c.Path(), "/")
		for i, v := range c.ParamValues() {
			if strings.ContainsAny(v, "/\\\x00") && (longer || c.ParamNames()[i] != "id") {
				return echo.ErrNotFound
			}
		}
		return next(c)
	}
}

// bodyBinder reads request bodies: JSON only, no duplicate or unknown names. It never looks at the
// path, the query or a form.
type bodyBinder struct{}

// Bind implements echo.Binder.
func (bodyBinder) Bind(into any, c echo.Context) error {
	r := c.Request()
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return bad("body", "want Content-Type: application/json")
	}
	if err := json.UnmarshalRead(r.Body, into, json.RejectUnknownMembers(true)); err != nil {
		var wrong *json.SemanticError
		if errors.As(err, &wrong) && wrong.JSONPointer != "" {
			return bad(strings.ReplaceAll(strings.TrimPrefix(string(wrong.JSONPointer), "/"), "/", "."), "unknown, or of the wrong type")
		}
		return bad("body", "not the JSON that this address takes")
	}
	return nil
}
