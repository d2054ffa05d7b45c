package gateway

import (
	_ "embed"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
)

//go:embed openapi.yaml
var openapiYAML []byte

// openapiJSON is the contract as /api/openapi.json gives it.
func openapiJSON(version string) ([]byte, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(openapiYAML, &doc); err != nil {
		return nil, fmt.Errorf("gateway: openapi.yaml: %w", err)
	}
	if info, ok := doc["info"].(map[string]any); ok && version != "" {
		info["x-program-version"] = version
	}
	b, err := json.Marshal(doc, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("gateway: openapi.yaml: %w", err)
	}
	return b, nil
}

// explanation is what a problem's type URL leads to.
type explanation struct {
	Code   connectors.Code  `json:"code"`
	Status int              `json:"status"`
	Fault  connectors.Fault `json:"fault"`
	Title  string           `json:"title"`
	Action string           `json:"action"`
}

// getProblem explains a code: to a browser as a small page, else as JSON.
func (s *Server) getProblem(c echo.Context) error {
	code := connectors.Code(c.Param("code"))
	say, ok := sayings[code]
	if !ok {
		return echo.ErrNotFound
	}
	e := explanation{code, say.status, code.Fault(), fill(say.title, "the provider"), fill(say.action, "the provider")}
	if !strings.Contains(c.Request().Header.Get("Accept"), "text/html") {
		b, err := json.Marshal(e)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, b)
	}
	return c.HTML(http.StatusOK, problemPage(e, ""))
}

// problemPage is a problem for a person whose browser stands on an address without the page: the
// way back from a provider, or the address of a code.
func problemPage(e explanation, requestID string) string {
	return fmt.Sprintf("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>%s</title>"+
		"<body><h1>%s</h1><p>%s</p><p><code>%s</code>, status %d. Whose fault: %s. <code>%s</code></p><p><a href=\"/\">Sightglass</a></p></body></html>\n",
		html.EscapeString(string(e.Code)), html.EscapeString(e.Title), html.EscapeString(e.Action), e.Code, e.Status, e.Fault, html.EscapeString(requestID))
}

// wantsPage tells whether a person is sent here by a provider.
func wantsPage(c echo.Context) bool {
	return c.Path() == auth.CallbackPath && strings.Contains(c.Request().Header.Get("Accept"), "text/html")
}
