package gateway

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/sightglass-gateway/sightglass/gateway/api"
)

// open routes answer without a sign-in. The list is the whole of it: a test walks openapi.yaml and
// asks every other route for its 401.
var unauthenticated = map[string]bool{
	"POST /api/v1/session":     true, // signing in
	"GET /api/v1/session/sso":  true, // which providers there are
	"POST /api/v1/session/sso": true, // signing in through one
	"GET /oauth/callback":      true, // bound to the browser by its own cookie
	"GET /oauth/sign-in":       true, // likewise
	"GET /livez":               true,
	"GET /readyz":              true,
	"GET /api/v1/demo":         true, // 404 but in the demo
	"POST /api/v1/demo/break":  true, // as above; lets one break the sign-in, too
	"GET /api/openapi.json":    true,
	"GET /problems/:code":      true,
	"GET /frame":               true, // an empty document
}

func (s *Server) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = func(r *http.Request) string { return clientAddr(r, s.cfg.TrustedProxies).String() }
	e.Binder = bodyBinder{}
	e.HTTPErrorHandler = s.fail
	e.Use(s.observe, s.recoverPanics, s.guard, s.authenticate)
	api.RegisterHandlers(e, api.NewStrictHandler(s, nil))
	e.GET("/api/openapi.json", s.getOpenAPI)
	e.GET("/problems/:code", s.getProblem)
	e.GET("/frame", s.page.frame)
	e.RouteNotFound("/*", s.fallback)
	return e
}

// fallback serves the page for every path of the UI; an unknown path of the API stays unknown.
func (s *Server) fallback(c echo.Context) error {
	r := c.Request()
	if (r.Method != http.MethodGet && r.Method != http.MethodHead) || reserved(r.URL.Path) {
		return echo.ErrNotFound
	}
	return s.page.serve(c)
}

func reserved(path string) bool {
	for _, p := range []string{"/api", "/oauth", "/problems", "/frame", "/livez", "/readyz", "/metrics", "/debug", "/.well-known"} {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

func (s *Server) getOpenAPI(c echo.Context) error {
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, s.openapi)
}

// isAPI tells whether a matched route is one of the contract's (not the page's or an asset's).
func isAPI(route string) bool { return strings.HasPrefix(route, "/api/") }
