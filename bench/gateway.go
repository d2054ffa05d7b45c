package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/records"
)

// keyCount API keys share the readers: one person may have 32 streams open, and that limit stays on.
const keyCount = 48

// gatewayTarget is `sightglass serve` as somebody runs it: API keys, rights, limits, the audit log in
// a SQLite file with synchronous=FULL, its log at the default level.
type gatewayTarget struct {
	world   *world
	addr    string
	handles []map[string]string // of each key: path of the provider → handle
}

func keyText(n int) string { return fmt.Sprintf("a-key-for-measuring-number-%04d", n) }

func (g *gatewayTarget) launch(addr string) (*process, error) {
	g.addr = addr
	dir := filepath.Join(g.world.dir, "gateway")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	files := map[string]string{"keys.txt": records.NewKey("b"), "token.txt": "bearer-of-the-synthetic-provider\n"}
	var keys strings.Builder
	for n := range keyCount {
		files[fmt.Sprintf("key%d.txt", n)] = keyText(n)
		fmt.Fprintf(&keys, "      - {id: k%d, roles: [analyst], key_file: key%d.txt}\n", n, n)
	}
	files["sightglass.yaml"] = fmt.Sprintf(`listen: %s
public_url: http://%s
keys_file: keys.txt
records: {dsn: "sqlite:sightglass.db"}
security: {private_upstreams: [127.0.0.1/32]}
sites:
  - id: main
    api_keys:
%s    links:
      - id: zd
        provider: zendesk
        settings: {subdomain: acme}
        endpoints: {api: "https://%s"}
        credential: {kind: bearer, token_file: token.txt}
`, addr, addr, keys.String(), g.world.addr)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return start("serve", dir, []string{"SSL_CERT_FILE=" + g.world.ca}, g.world.binary, "serve", "--config", "sightglass.yaml", "--metrics-listen", "")
}

// open opens the ticket with the files once for each key, and reads a byte of each file: the opening
// rows are written then, as they are when somebody listens.
func (g *gatewayTarget) open(ctx context.Context) error {
	g.handles = nil
	for n := range keyCount {
		h, err := g.handlesOf(ctx, n)
		if err != nil {
			return fmt.Errorf("the gateway, key %d: %w", n, err)
		}
		g.handles = append(g.handles, h)
		c, err := dial(ctx, &target{addr: g.addr}, nil, 0)
		if err != nil {
			return err
		}
		for path := range h {
			if _, err := c.get(g.request(path, n, "Range: bytes=0-0\r\n")); err != nil {
				return err
			}
		}
		c.close()
	}
	return nil
}

func (g *gatewayTarget) handlesOf(ctx context.Context, n int) (map[string]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.addr+"/api/v1/links/zd/interactions/ticket/"+filesTicket, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+keyText(n))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	found := map[string]string{}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var p struct {
			Attachments []struct {
				Name, Handle string
			} `json:"attachments"`
		}
		if err := json.Unmarshal(lines.Bytes(), &p, json.MatchCaseInsensitiveNames(true)); err != nil {
			return nil, err
		}
		for _, a := range p.Attachments {
			found["/attachments/token/"+strings.TrimSuffix(a.Name, ".mp3")+"/"] = a.Handle
		}
	}
	if found[smallPath] == "" || found[callPath] == "" || found[longPath] == "" {
		return nil, fmt.Errorf("the ticket gave the files %d of 3", len(found))
	}
	return found, lines.Err()
}

func (g *gatewayTarget) request(path string, n int, header string) []byte {
	n %= keyCount
	return []byte("GET /api/v1/media/" + g.handles[n][path] + " HTTP/1.1\r\nHost: " + g.addr +
		"\r\nAuthorization: Bearer " + keyText(n) + "\r\n" + header + "\r\n")
}

// firstMessage opens the paged ticket and tells when its first message was there.
func (g *gatewayTarget) firstMessage(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.addr+"/api/v1/links/zd/interactions/ticket/"+pagedTicket, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+keyText(0))
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	r := bufio.NewReaderSize(resp.Body, 64<<10)
	first := time.Duration(0)
	for {
		line, err := r.ReadString('\n')
		if first == 0 && strings.Contains(line, `"type":"message"`) {
			first = time.Since(began)
		}
		if err != nil || strings.HasPrefix(line, `{"type":"end"`) {
			if first == 0 {
				return 0, fmt.Errorf("no message came: %s, %w", resp.Status, err)
			}
			return first, nil
		}
	}
}
