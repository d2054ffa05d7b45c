package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
	yamlv3 "go.yaml.in/yaml/v3"
)

// Where a value comes from: flags > environment > file > defaults.
const (
	fromDefault = "default"
	fromEnv     = "environment"
	fromFlag    = "flag"
)

// defaultFile is read when it is there and --config names no other.
const defaultFile = "sightglass.yaml"

// scalars are the keys that flags and environment variables can set: all but lists of objects.
var scalars = []struct{ key, help string }{
	{"listen", "address of the API and the page"},
	{"public_url", "how browsers reach it; redirect URIs, cookies and links come from it"},
	{"tls.cert_file", "certificate to serve with"},
	{"tls.key_file", "its key"},
	{"behind_proxy", "networks of proxies whose X-Forwarded-For is believed, comma-separated"},
	{"metrics_listen", "address of /metrics; empty: none"},
	{"keys_file", "sealing keys (sightglass keys new)"},
	{"keys_command", "program that prints the sealing keys, with its arguments; instead of keys_file"},
	{"records.dsn", "where users, links and the audit log live: sqlite:FILE or postgres://…"},
	{"cache.dsn", "where access tokens wait: memory:, redis://…, rediss://…"},
	{"security.private_upstreams", "private networks that providers may live in, comma-separated; for sandboxes"},
	{"log.level", "debug, info, warn or error"},
	{"log.format", "json or text"},
	{"drain", "how long running streams may finish at a stop"},
}

// lists are the scalars that hold several values.
var lists = []string{"behind_proxy", "keys_command", "security.private_upstreams"}

func flagName(key string) string { return strings.NewReplacer(".", "-", "_", "-").Replace(key) }
func envName(key string) string {
	return "SIGHTGLASS_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// addConfigFlags adds --config and a flag for every scalar.
func addConfigFlags(f *pflag.FlagSet) {
	f.String("config", "", "configuration file (default: "+defaultFile+" where it exists)")
	for _, s := range scalars {
		f.String(flagName(s.key), "", s.help+" (also "+envName(s.key)+")")
	}
}

// loadConfig merges defaults, file, environment and flags. It does not Validate.
func loadConfig(flags *pflag.FlagSet, environ []string) (*Config, error) {
	k := koanf.New(".")
	c := defaultConfig()
	c.origin = map[string]string{}
	if err := loadFile(k, flags, c.origin); err != nil {
		return nil, err
	}
	if err := loadEnv(k, environ, &c); err != nil {
		return nil, err
	}
	for _, s := range scalars {
		if f := flags.Lookup(flagName(s.key)); f != nil && f.Changed {
			if err := set(k, s.key, f.Value.String()); err != nil {
				return nil, err
			}
			c.origin[s.key] = fromFlag
		}
	}
	err := k.UnmarshalWithConf("", &c, koanf.UnmarshalConf{Tag: "yaml", DecoderConfig: &mapstructure.DecoderConfig{
		TagName: "yaml", Result: &c, WeaklyTypedInput: true,
		DecodeHook: mapstructure.ComposeDecodeHookFunc(mapstructure.StringToTimeDurationHookFunc(), timeAsText),
	}})
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return &c, nil
}

func loadFile(k *koanf.Koanf, flags *pflag.FlagSet, origin map[string]string) error {
	name, _ := flags.GetString("config")
	asked := name != ""
	if !asked {
		name = defaultFile
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return nil
	}
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	// Decoded strictly once for its error alone: it names the line of an unknown key.
	strict := yamlv3.NewDecoder(bytes.NewReader(b))
	strict.KnownFields(true)
	var probe Config
	if err := strict.Decode(&probe); err != nil && len(bytes.TrimSpace(b)) > 0 {
		return fmt.Errorf("%s: %w", name, cleanYAML(err))
	}
	if probe.Keys != "" {
		return fmt.Errorf("%s: keys: sealing keys do not stand in the configuration; put them into a file and name it as keys_file", name)
	}
	if err := k.Load(rawbytes.Provider(b), yaml.Parser()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, key := range k.Keys() {
		origin[key] = name
	}
	// Files named in the file are relative to it, not to where the program was started.
	return relativeTo(k, filepath.Dir(name))
}

// cleanYAML takes Go type names out of the strict decoder's words.
func cleanYAML(err error) error {
	var te *yamlv3.TypeError
	if !errors.As(err, &te) {
		return err
	}
	var all []error
	for _, line := range te.Errors {
		if where, rest, ok := strings.Cut(line, ": field "); ok {
			field, _, _ := strings.Cut(rest, " ")
			line = fmt.Sprintf("%s: unknown key %q", where, field)
		}
		all = append(all, errors.New(line))
	}
	return errors.Join(all...)
}

// relativeTo makes every *_file (and a relative SQLite file) relative to dir.
func relativeTo(k *koanf.Koanf, dir string) error {
	return k.Load(confmap(fixPaths(k.Raw(), dir).(map[string]any)), nil)
}

func fixPaths(v any, dir string) any {
	switch v := v.(type) {
	case map[string]any:
		for name, val := range v {
			s, isString := val.(string)
			switch {
			case isString && strings.HasSuffix(name, "_file") && s != "" && !filepath.IsAbs(s):
				v[name] = filepath.Join(dir, s)
			case isString && name == "dsn" && strings.HasPrefix(s, "sqlite:") && !filepath.IsAbs(strings.TrimPrefix(s, "sqlite:")):
				v[name] = "sqlite:" + filepath.Join(dir, strings.TrimPrefix(s, "sqlite:"))
			default:
				v[name] = fixPaths(val, dir)
			}
		}
	case []any:
		for i := range v {
			v[i] = fixPaths(v[i], dir)
		}
	}
	return v
}

func loadEnv(k *koanf.Koanf, environ []string, c *Config) error {
	known := map[string]string{}
	for _, s := range scalars {
		known[envName(s.key)] = s.key
	}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "SIGHTGLASS_") {
			continue
		}
		key, ok := known[name]
		switch {
		case name == "SIGHTGLASS_KEYS":
			c.Keys = value
			c.origin["keys"] = fromEnv
		case !ok:
			return fmt.Errorf("environment: unknown variable %s (see sightglass serve --help)", name)
		default:
			if err := set(k, key, value); err != nil {
				return err
			}
			c.origin[key] = fromEnv
		}
	}
	return nil
}

func set(k *koanf.Koanf, key, value string) error {
	var v any = value
	if slices.Contains(lists, key) {
		v = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return k.Load(confmap{key: v}, nil)
}

// confmap is a koanf provider of a map, keys with dots taken as paths.
type confmap map[string]any

func (m confmap) ReadBytes() ([]byte, error) { return nil, errors.New("confmap is read as a map") }

func (m confmap) Read() (map[string]any, error) {
	out := map[string]any{}
	for key, v := range m {
		at, parts := out, strings.Split(key, ".")
		for _, p := range parts[:len(parts)-1] {
			next, ok := at[p].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[p] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = v
	}
	return out, nil
}
